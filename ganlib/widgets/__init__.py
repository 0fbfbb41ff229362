"""Things to touch: a training to watch and steer, generators to explore and to pass on, a game."""

from ganlib.widgets.asking import questions  # noqa: F401
from ganlib.widgets.beside import beside  # noqa: F401
from ganlib.widgets.exploring import explore  # noqa: F401
from ganlib.widgets.game import game, save_game  # noqa: F401
from ganlib.widgets.guessing import real_or_fake  # noqa: F401
from ganlib.widgets.page import export  # noqa: F401
from ganlib.widgets.pairs import quiz  # noqa: F401
from ganlib.widgets.screen import LivePicture  # noqa: F401
from ganlib.widgets.watching import Watch, watch  # noqa: F401
