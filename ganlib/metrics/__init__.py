"""How good generated images are, in numbers. A feature is whatever a network sees in an image.

Everywhere `real` and `fake` are features (count, width), one row per image, and labels are (count,)
int. Real comes first. A number means something only together with its protocol: which features, how
many images of which split, and what real images score against real ones.
"""

from ganlib.metrics.classes import (  # noqa: F401
    MODE_SHARE, class_counts, conditional_accuracy, mode_count, within_class_diversity,
)  # fmt: skip
from ganlib.metrics.distances import (  # noqa: F401
    frechet_distance, kernel_distance, sliced_wasserstein,
)  # fmt: skip
from ganlib.metrics.neighbours import (  # noqa: F401
    copied_share, copying, density_coverage, memorisation, nearest, neighbour_accuracy,
    precision_recall,
)  # fmt: skip
