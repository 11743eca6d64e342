from typing import Final
TALKS: Final = ()
