"""What 03_watch_it_learn says about its games and its digits."""

d_loss, g_loss, chance = seen[-1]["d_loss"], seen[-1]["g_loss"], np.log(2)
claim("Both losses end close to $\\log 2$", abs(d_loss - chance) < 0.1 and abs(g_loss - chance) < 0.15, d=d_loss, g=g_loss)
start, middle, end = seen[0], seen[LOOKS // 3], seen[-1]
off = [float(np.median(np.abs(np.linalg.norm(look["points"], axis=1) - RADIUS))) for look in (start, middle, end)]
claim("the cloud first becomes a ring and then gathers at the spots", off[1] < off[0] / 2 and end["modes"] >= 6
      and end["quality"] > 1.3 * middle["quality"], start=off[0], middle=off[1], modes=end["modes"],
      quality=end["quality"], before=middle["quality"])
claim("Some points remain on the bridges between two spots.", 0.05 < 1 - seen[-1]["quality"], share=1 - seen[-1]["quality"])

sick_end, cured_end = collapsed[-1], restored[-1]
claim("As a rule, the sick game serves one to three of the eight spots", 1 <= sick_end["modes"] <= 3, modes=sick_end["modes"])
claim("its quality is higher than that of the cured game, which serves five or more",
      sick_end["quality"] > cured_end["quality"] and cured_end["modes"] >= 5,
      sick=sick_end["quality"], cured=cured_end["quality"], modes=cured_end["modes"])
between = modes[np.array([np.linalg.norm(sick_end["points"] - mode, axis=1).min() > 0.3 for mode in modes])]
places = np.rint((between + 1.4) / (across[1] - across[0])).astype(int)
answers = np.array([sick_end["answers"][row, column] for column, row in places])
claim("As a rule, the background is blue at the missing spots",
      len(answers) and np.mean(answers > 0.5) > 0.5,
      missing=len(answers), blue=float(np.mean(answers > 0.5)))

claim("So the points that need help get hardly any.", belief < 0.05, belief=belief)

ways = {}
for name, rows in (("race", sick), ("cured", cured)):
    ways[name] = np.linalg.norm(np.diff([row["points"].mean(axis=0) for row in rows], axis=0), axis=1)
claim("The middle of its points travels several times as far as in the cured game, and "
      "never settles.",
      ways["race"].sum() > 3 * ways["cured"].sum() and ways["race"][-3:].min() > 0.05,
      race=ways["race"].sum(), cured=ways["cured"].sum(), last=ways["race"][-3:].min())

lows = [row["g_loss"] for row in run.history]
claim("As a rule, G's loss is lowest early and then rises a little",
      int(np.argmin(lows)) < len(lows) / 2 and lows[-1] > min(lows) + 0.02, lowest=min(lows), last=lows[-1])
distances = {row["step"]: row["frechet_distance"] for row in run.measures.rows}
soon = min((step for step in distances if step >= lowest["step"]), default=0)
final = distances[max(distances)]
claim("while its digits still get better", final < distances[soon], then=distances[soon], last=final)
claim("D's own loss stays below $\\log 2$", max(row["d_loss"] for row in run.history[1:]) < chance)
