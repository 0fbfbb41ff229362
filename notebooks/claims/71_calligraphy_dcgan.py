"""What 71_calligraphy_dcgan says about its results."""

claim("For each character there are fewer than two hundred images", per_class.max() < 200, most=per_class.max())
claim("By now D has seen the images about seventeen times.",
      16 < STEPS * RECIPE.batch_size / len(known) < 18, passes=STEPS * RECIPE.batch_size / len(known))


def last_r_of(looks):
    """Returns r of the mean logits of the last three looks, since a single r may divide by almost nothing."""
    return overfitting(*np.mean([look["logits"] for look in looks[-3:]], axis=0))


last_r = {kind: np.array([last_r_of(games[kind, seed]) for seed in SEEDS]) for kind in ("many", "few")}
claim("At the end $r$ is nearer to 1 than to 0", last_r["few"].min() > 0.5, least=last_r["few"].min())
claim("On *many* images $r$ is less than half of that.", np.all(last_r["many"] < 0.5 * last_r["few"]),
      many=last_r["many"].max(), few=last_r["few"].min())
shares = {kind: found[:, 1] for kind, found in measured.items()}
claim("In the games on few, a larger share is nearest to images that D knows, for every seed.",
      np.all(shares["few"] > shares["many"]), few=shares["few"].min(), many=shares["many"].max())
spreads = [spread_of(games["moved", seed][-1]["pictures"]) for seed in SEEDS]
claim("The number is nearer to that of real images than to that of moved ones",
      max(spreads) < (unseen_spread + moved_spread) / 2,
      generated=max(spreads), real=unseen_spread, moved=moved_spread)
