"""What 70_calligraphy_fcgan says about its results."""

PARTS, CRUMBS, GRAY, EYE, READER = range(5)


def of(name, column):
    return table[f"game in {name}" if name in WAYS else name][:, column]


real_crumbs = count_parts(real)[1]
single = np.mean([len(parts_of(each)) <= 2 for each in real[..., 0]])
claim("Most real characters consist of one or two parts.", single > 0.8, share=single)
claim(
    "The generated ones have many times as many crumbs.",
    of("pixels", CRUMBS).min() > 10 * real_crumbs,
    generated=of("pixels", CRUMBS).min(),
    real=real_crumbs,
)
foggy = {way: fog(images) for way, images in returned.items()}
claim("and the picture comes back foggy, with ripples", foggy["cosines"] > 2 * fog(real), **foggy)
claim(
    "*where it crosses 0, the edge comes back sharp*",
    max(foggy["both"], foggy["distances"]) < 0.65 * foggy["cosines"],
    real=fog(real),
    **foggy,
)
ink_margin = np.mean(np.abs(values["aside"]["ink"]) > 0.9)
claim("Ink is near -1 or 1 nearly everywhere.", ink_margin > 0.85, share=ink_margin)
grains = {way: count_parts(images)[1] for way, images in grainy.items()}
claim(
    "Distances crumble the most",
    grains["distances"] > 2 * max(each for way, each in grains.items() if way != "distances"),
    **grains,
)
gray = {way: fog(images) for way, images in grainy.items()}
claim(
    "Cosines of ink have fewer crumbs but the most gray.",
    grains["cosines"] < grains["distances"] and gray["cosines"] == max(gray.values()),
    **gray,
)
claim(
    "Both together stay sharp and have the fewest crumbs.",
    grains["both"] == min(grains.values()) and gray["both"] < 0.07,
    crumbs=grains["both"],
    gray=gray["both"],
)
claim(
    "In *distances* G makes several times as many crumbs as in pixels",
    of("distances", CRUMBS).min() > 2 * of("pixels", CRUMBS).max(),
    distances=of("distances", CRUMBS).min(),
    pixels=of("pixels", CRUMBS).max(),
)
claim(
    "In *cosines* the crumbs are nearly gone.",
    of("cosines", CRUMBS).max() < 0.25 * of("pixels", CRUMBS).min(),
    cosines=of("cosines", CRUMBS).max(),
    pixels=of("pixels", CRUMBS).min(),
)
claim(
    "The game in cosines is the grayest, grayer than cosines there and back.",
    of("cosines", GRAY).min()
    > max(
        of("cosines, there and back", GRAY)[0],
        *(of(way, GRAY).max() for way in WAYS if way != "cosines"),
    ),
    cosines=of("cosines", GRAY).min(),
    back=of("cosines, there and back", GRAY)[0],
    pixels=of("pixels", GRAY).max(),
)
claim(
    "*Both* together have few crumbs, little fog, and the smallest distances of the four by both "
    "judges.",
    of("both", CRUMBS).max() < 0.25 * of("pixels", CRUMBS).min()
    and of("both", GRAY).max() < of("pixels", GRAY).max()
    and all(
        of("both", each).max() < min(of(way, each).min() for way in WAYS if way != "both")
        for each in (EYE, READER)
    ),
    crumbs=of("both", CRUMBS).max(),
    eye=of("both", EYE).max(),
    reader=of("both", READER).max(),
)
claim(
    "The sieve alone removes nearly all crumbs from the pixels.",
    of("pixels, sieved", CRUMBS).max() < 0.2 * of("pixels", CRUMBS).min(),
    left=of("pixels, sieved", CRUMBS).max(),
)
claim(
    "By both judges, the sieved pixels are nearer to real images than the game in cosines is.",
    all(of("pixels, sieved", each).max() < of("cosines", each).min() for each in (EYE, READER)),
    eye=of("pixels, sieved", EYE).max(),
    eye_of_game=of("cosines", EYE).min(),
    reader=of("pixels, sieved", READER).max(),
    reader_of_game=of("cosines", READER).min(),
)
sharp, both = (
    [of(way, each).mean() for each in (EYE, READER)] for way in ("pixels, sieved and sharp", "both")
)
claim(
    "With the contrast raised, they come as near as the game in both, or nearer.",
    all(a < 1.1 * b for a, b in zip(sharp, both)),
    eye=sharp[0],
    eye_of_both=both[0],
    reader=sharp[1],
    reader_of_both=both[1],
)
claim(
    "The sieve brings them much nearer to real images.",
    all(
        of("distances, sieved", each).max() < 0.5 * of("distances", each).min()
        for each in (EYE, READER)
    ),
    eye=of("distances, sieved", EYE).max(),
    reader=of("distances, sieved", READER).max(),
)
claim(
    "Still, to the eye the game in both is nearer for every seed",
    np.all(of("both", EYE) < of("distances, sieved", EYE)),
    both=of("both", EYE).max(),
    sieved=of("distances, sieved", EYE).min(),
)


def broken(codes):
    """Returns the share of neighbours that break the law, as the exercise asks for it."""
    jumps = [np.abs(np.diff(REACH * codes, axis=axis)) > 1.01 for axis in (1, 2)]
    return np.mean([each.mean() for each in jumps])


lawless = [broken(codes) for codes in made["distances"]]
claim(
    "Real distances never break the law, and G's break it often.",
    broken(values["aside"]["distance"]) == 0 and min(lawless) > 0.1,
    least=min(lawless),
)
