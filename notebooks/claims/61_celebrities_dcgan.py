"""What 61_celebrities_dcgan says about its results."""

claim("Every tenth image went into the test split", len(prepared.images) == 17)
believed = {name: values.mean() for name, values in beliefs.items()}
apart = abs(believed["trained on"] - believed["kept aside"])
claim("D tells generated faces from photographs of either kind better than it tells the two kinds "
      "of photographs apart.",
      apart < min(believed["trained on"], believed["kept aside"]) - believed["generated"],
      **{name.replace(" ", "_"): value for name, value in believed.items()})
medians = {key: np.median(values) for key, values in near.items()}
claim("By pixels, a blurred face is *nearer* to strangers",
      medians["pixels", "kept aside, blurred"] < medians["pixels", "kept aside"])
claim("By features it is farther away",
      medians["features", "kept aside, blurred"] > 1.1 * medians["features", "kept aside"],
      ratio=medians["features", "kept aside, blurred"] / medians["features", "kept aside"])
claim("Neither is the case here.",
      all(medians[view, "generated"] > 0.85 * medians[view, "kept aside"]
          and near[view, "generated"].min() > 0.7 * near[view, "kept aside"].min() for view in views),
      pixels=medians["pixels", "generated"] / medians["pixels", "kept aside"],
      features=medians["features", "generated"] / medians["features", "kept aside"])
popular, inside = {}, {}
for view, counts in popularity.items():
    popular[view] = counts.max() / len(faces)
    middle = np.linalg.norm(known[view] - known[view].mean(axis=0), axis=1)[: len(faces)]
    inside[view] = np.mean([np.mean(middle < middle[face]) for face in counts.argsort()[-SHOWN // 2 :]])
claim("the few that lie a little further in are the nearest neighbours of very many",
      min(popular.values()) > 0.012 and max(inside.values()) < 0.42,
      **popular, **{f"inside_{view}": value for view, value in inside.items()})
alone = [row for row in histories[HEAD_START, SEEDS[0]] if row["step"] <= HEAD_START]
game = [row for row in histories[HEAD_START, SEEDS[0]] if row["step"] > HEAD_START]
claim("its loss falls far below the dashed line", alone[-1]["d_loss"] < 0.1, d_loss=alone[-1]["d_loss"])
claim("(G's loss is zero because G does not play.)", max(row["g_loss"] for row in alone) == 0)
claim("Then G wakes up, and its loss leaps", game[0]["g_loss"] > 2, g_loss=game[0]["g_loss"])
claim("At the end of this picture, D's loss is back near the dashed line.",
      abs(np.mean([row["d_loss"] for row in game[-3:]]) - np.log(2)) < 0.12, d_loss=game[-1]["d_loss"])
first, last = MARKS[0], MARKS[-1]
cost = {mark: [distances[HEAD_START, seed, mark] - distances[0, seed, mark] for seed in SEEDS] for mark in MARKS}
claim("for every seed the distance is larger than without it.", min(cost[first]) > 0,
      **{f"seed{number}": each for number, each in enumerate(cost[first])})
claim("At the second mark of the left panel, the gap is smaller on average.",
      np.mean(cost[last]) < np.mean(cost[first]), first=np.mean(cost[first]), last=np.mean(cost[last]))
paid = [distances[HEAD_START, seed, first] - distances[0, seed, last] for seed in SEEDS]
claim("Where both games have done equally many steps there, the game without it is ahead for every "
      "seed.", min(paid) > 0,
      least=min(paid), most=max(paid))
