"""What an evaluation says: a table, and which of two generators is better."""

from ganlib.store import headline

_TITLES = {
    "frechet_distance": "Frechet distance", "kernel_distance": "kernel distance",
    "kernel_distance_deviation": "  its deviation over subsets",
    "sliced_wasserstein": "sliced Wasserstein distance",
    "neighbour_accuracy": "real or not, by nearest neighbours",
    "precision": "precision", "recall": "recall", "density": "density", "coverage": "coverage",
    "memorisation": "distance to training images (new: 1)",
    "copied": "very near to a training image",
    "spectrum": "power spectrum, off by decibels", "class_entropy": "evenness of classes",
    "mode_count": "classes there", "conditional_accuracy": "got what was asked",
    "mean_diversity": "diversity within classes",
}


def is_better(first, second):
    """Returns whether at least two judges, and more than disagree, find the first one better.

    Better means nearer to the floor. With a single judge nothing is better.

    Args:
        first, second: what `evaluate` returned for two generators of the same dataset.
    """
    votes = []
    for kind in first["judges"].keys() & second["judges"].keys():
        measure, near, floor = headline(first["judges"][kind])
        other_measure, far, other_floor = headline(second["judges"][kind])
        same = measure == other_measure  # a few images are measured in another way than many
        votes.append(same and abs(near - floor) < abs(far - other_floor))
    return sum(votes) >= 2


def table(result):
    """Returns a result of `evaluate` as text: its protocol, and each number beside its floor."""
    protocol = result["protocol"]
    features = protocol["features"]
    if judge := protocol["classifier"]:
        features += f", which gets {judge['test_accuracy']:.2%} of the test images right"
    lines = [
        f"{protocol['dataset']}: {protocol['count']:,} generated images against as many test "
        f"images, seed {protocol['seed']}; of those the first {protocol['neighbourhood']:,} where "
        "neighbours are looked for.",
        "Real: as many other test images in place of the generated ones. Best is what is nearest "
        "to that.",
        *([protocol["kept_aside"]] if protocol["kept_aside"] else []),
        f"Features: {features}.",
        f"{'':<38}{'generated':>12}{'real':>12}",
    ]
    for key, title in _TITLES.items():
        if key in result["generated"]:
            lines.append(_line(title, result["generated"][key], result["floor"][key]))
    for judgement in list(result["judges"].values())[1:]:
        lines.append(f"Features: {judgement['features']}.")
        for key in judgement["generated"]:
            lines.append(_line(_TITLES[key], judgement["generated"][key], judgement["floor"][key]))
    if result["generated"]["memorisation"] is None:
        lines.append("Copies cannot be told from new images: half of the test images are training "
                     "images.")
    return "\n".join(lines)


def _line(title, generated, floor):
    if isinstance(generated, list):
        return (f"{title:<38}{generated[0]:>12,.3f}{floor[0]:>12,.3f}   95 %: {generated[1]:.3f} to"
                f" {generated[2]:.3f}")
    generated, floor = (
        "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
        for value in (generated, floor))
    return f"{title:<38}{generated:>12}{floor:>12}"
