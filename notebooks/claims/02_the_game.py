"""What 02_the_game says about results, with the formulas checked once more in other ways."""

# What a D that sees samples only makes of two densities.
at_three = best[np.searchsorted(x, 3)]
claim("Where there are points, the trained D follows the formula.", off < 0.03, off=off)
claim("At $x = 3$ the best D says *generated*", at_three < 0.05, answer=at_three)

# The value at the best D, against the JSD of scipy's entropies.
from scipy.stats import entropy

middle = (p_data + p_g) / 2
by_scipy = (entropy(p_data, middle) + entropy(p_g, middle)) / 2
claim("**the best D's loss is $\\log 2$ minus the JSD**", abs(-value / 2 - (np.log(2) - by_scipy)) < 1e-3, loss=-value / 2)
boxes = curves["two boxes of width 1"]
largest = max(curve.max() for curve in curves.values())
claim("The JSD never exceeds $\\log 2$.", np.log(2) - 1e-3 < largest < np.log(2) + 1e-3, largest=largest)
claim("For the boxes, the JSD is flat from $d = 1$ on.", np.ptp(boxes[distances >= 1.01]) < 1e-6 < np.diff(boxes)[:19].min(),
      variation=np.ptp(boxes[distances >= 1.01]))
claim("For the bells, its slope fades.", 0 < slopes[80] < slopes[20] / 100, near=slopes[20], far=slopes[80])
claim("Where D is sure that a point is generated, the minimax loss is nearly flat: it *saturates*.",
      np.abs(heard["minimax"][logits <= -4]).max() < 0.02)
claim("The other loss is steep there, and falls silent where G has won.",
      np.abs(heard["non_saturating"][logits <= -4]).min() > 0.98 and np.abs(heard["non_saturating"][logits >= 4]).max() < 0.02)

# The arrows of the smallest GAN, against a tape on the losses of ganlib. It halves D's loss, as lesson 01 does.
for rules, loss in (("minimax", "minimax"), ("non-saturating", "non_saturating"), ("Wasserstein, clipping", "wasserstein")):
    theta, psi = tf.Variable(0.7), tf.Variable(-0.4)
    pair = ganlib.losses.get(loss)
    with tf.GradientTape(persistent=True) as tape:
        d_cost = pair.discriminator(0 * psi, psi * theta) * (1 if loss == "wasserstein" else 2)
        g_cost = pair.generator(None, psi * theta)
    by_tape = [-float(tape.gradient(d_cost, psi)), -float(tape.gradient(g_cost, theta))]
    same = np.allclose(by_tape, [arrow(0.7, -0.4) for arrow in RULES[rules][:2]], atol=1e-6)
    claim("Each entry holds D's arrow, G's arrow, and the bound that $\\psi$ is clipped to.", same)


def brake(penalty, weight):
    """What a penalty of ganlib adds to D's arrow."""
    with tf.GradientTape() as tape:
        points = tf.zeros((1, 1, 1, 1))
        cost = weight * penalty(lambda images, labels: psi * tf.reshape(images, [-1]), points, points, None, points)
    return -float(tape.gradient(cost, psi))


at = {rules: arrows[0](0.7, -0.4) for rules, arrows in RULES.items()}
claim("it costs $w(|\\psi| - 1)^2$", np.isclose(brake(ganlib.losses.gradient_penalty, 0.35),
      at["Wasserstein, gradient penalty"] - at["Wasserstein, clipping"], atol=1e-5))
claim("it costs $\\frac{\\gamma}{2}\\psi^2$", np.isclose(brake(ganlib.losses.r1_penalty, GAMMA),
      at["minimax with R1"] - at["minimax"], atol=1e-5))

# The distances after 500 steps: simultaneous; alternating, where the other player moves first in the figures to compare with.
EXPECTED = {"minimax": (3.10, 1.42), "non-saturating": (0.640, 0.284), "Wasserstein, clipping": (1.00, 1.02),
            "Wasserstein, gradient penalty": (1.80, 1.22), "minimax with R1": (2.6e-6, 2.3e-7)}
for rules, (together, in_turn) in EXPECTED.items():
    claim("Only R1 arrives.", abs(ends[rules][0] / together - 1) < 0.02 and abs(ends[rules][1] / in_turn - 1) < 0.06
          and (ends[rules][1] < 1e-5) == ("R1" in rules), simultaneous=ends[rules][0], alternating=ends[rules][1])
claim("**Minimax** spirals outwards if both move at once, and stays on its circle if they take turns.",
      ends["minimax"][0] > 2 * np.hypot(*START) and np.ptp(radius(play(RULES["minimax"], steps=2000))[100:]) < 0.2)
inwards = radius(play(RULES["non-saturating"], steps=8000))
ring = radius(play(RULES["non-saturating"], alternating=False, steps=8000))[-4000:]
claim("**Non-saturating** spirals inwards, but ever more slowly.", inwards[500] > 1.2 * inwards[1000] > 1.4 * inwards[2000]
      and inwards[1000] - inwards[2000] < inwards[500] - inwards[1000])
claim("With simultaneous steps it gets stuck on a ring.", ring.min() > 0.55 and ring.max() < 0.7,
      least=ring.min(), most=ring.max())
factors = {weight: (np.sqrt(1 - RATE * weight + RATE**2 / 4), np.sqrt(1 - RATE * weight)) for weight in (0.0, GAMMA)}
claim("Without a penalty, the factor is above 1 for simultaneous steps and exactly 1 for alternating ones.",
      factors[0.0][0] > 1 and factors[0.0][1] == 1)
close = [factor**STEPS / end for factor, end in zip(factors[GAMMA], ends["minimax with R1"])]
claim("and their 500th powers are close to the distances in the table", all(0.5 < each < 2 for each in close), ratio=close[0])
matrix = np.array([[1, RATE / 2], [-RATE / 2, 1 - RATE * GAMMA]])  # of (theta, psi), by differences of the arrows
d_arrow, g_arrow, _ = RULES["minimax with R1"]
moved = [[(t + RATE * g_arrow(t, p)) / 1e-5, (p + RATE * d_arrow(t, p)) / 1e-5] for t, p in ((1e-5, 0), (0, 1e-5))]
claim("Near the goal, one simultaneous step of length $h$ multiplies $(\\theta, \\psi)$ by a matrix",
      np.allclose(np.transpose(moved), matrix, atol=1e-4))

claim("Here $\\beta_1 = 0.5$ ends more than a hundred times farther from the goal, and $\\beta_1 = 0.9$ does not arrive at all.",
      carried[0.5][-1] > 100 * carried[0.0][-1] and carried[0.9][-100:].min() > 0.5, ratio=carried[0.5][-1] / carried[0.0][-1])
claim("The average comes close to 0, although $\\theta$ itself swings as widely as ever.", near < 0.15 and far > 1.3,
      near=near, far=far)
claim("The best D is the old one, scaled down.", off_smoothed < 0.03, off=off_smoothed)
claim("Its answer never exceeds 0.9, so its logit stays below $\\log 9$", smoothed[(x > -4) & (x < 3)].max() < 0.9 + 0.03)

# The page's own game, where node is at hand to play it.
import json, re, shutil, subprocess

if shutil.which("node"):
    from ganlib.widgets.game import PAGE, options

    engine = re.search(r'<script id="engine">(.*?)</script>', PAGE.read_text(encoding="utf-8"), re.S)[1]
    usual = {name: each["usual"] for name, each in options()["settings"].items()}
    script = "let pull = 0; const game = new Game(settings); for (let i = 1; i <= 2000; i++) { game.step();"
    script += " if (i > 1500 && i % 50 == 0) pull += game.measure().pull / 10; } console.log(JSON.stringify(pull));"
    pulls = {}
    for rules in ("minimax", "non_saturating", "r1"):
        settings = usual | {"loss": rules, "seed": SEED}
        source = f"{engine}\nconst settings = {json.dumps(settings)};\n{script}"
        played = subprocess.run(["node", "-"], input=source, capture_output=True, text=True, check=True)
        pulls[rules] = float(played.stdout)
    claim("With R1, the pull on G ends up several times weaker than in the other two games",
          min(pulls["minimax"], pulls["non_saturating"]) > 3 * pulls["r1"], **pulls)
accepted = [g for g in np.arange(0.1, 3, 0.05) if radius(play(r1(g), alternating=False, steps=100))[-1] < 0.0005]
claim("Values a little below 1 will do as well.", 0.7 < min(accepted) < 0.95 and 0.99 < max(accepted) < 1.2,
      least=min(accepted), most=max(accepted))
