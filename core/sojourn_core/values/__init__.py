"""Values: what is talked about. They decide nothing and know nothing of each other's use."""
