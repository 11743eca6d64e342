"""Values: the nouns that rules and machines talk about. They decide nothing themselves."""
