import ast
import io
import re
import tokenize
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "ganlib"

# Who may import whom. Everything may import settings; __main__ and the package itself may import all.
ALLOWED = {
    "settings": set(),
    "images": set(),
    "losses": set(),
    "networks": set(),
    "plots": {"images"},
    "metrics": set(),
    "data": set(),
    "gan": {"losses", "images"},
    "diagnosis": {"losses"},
    "callbacks": {"measures", "plots"},
    "classifiers": {"data", "images", "networks"},
    "generators": {"plots", "networks"},
    "evaluation": {"classifiers", "data", "generators", "images", "metrics"},
    "measures": {"classifiers", "evaluation", "generators", "images", "metrics"},
    "runs": {"callbacks", "data", "diagnosis", "gan", "generators", "measures", "networks", "plots"},
    "recipes": {"runs"},
}
# What Google Colab has installed; the course must run there without replacing any of it.
COLAB = {
    "tensorflow": "2.20.0", "keras": "3.13.2", "numpy": "2.1.3", "h5py": "3.16.0", "matplotlib": "3.10.0", "imageio": "2.37.4",
    "ipywidgets": "7.7.1", "jupytext": "1.19.5", "pillow": "11.3.0", "pooch": "1.9.0", "scikit-learn": "1.6.1",
    "tensorboard": "2.20.0", "tqdm": "4.67.3", "nbformat": "5.11.1",
}  # fmt: skip


def imported_modules(path):
    """Names of ganlib's modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "ganlib":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ganlib."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("ganlib.")}
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: relative import"
    return found


def test_imports_point_up_the_table_only():
    seen = set()
    for path in LIBRARY.rglob("*.py"):
        module = path.relative_to(LIBRARY).with_suffix("").parts[0]
        if module in ("__init__", "__main__"):
            continue
        seen.add(module)
        beyond = {"GAN": "gan"}
        imports = {beyond.get(name, name) for name in imported_modules(path)} - {module, "settings"}
        assert imports <= ALLOWED[module], f"{path.name} imports {imports - ALLOWED[module]}"
    assert seen == set(ALLOWED)


def code_lines(path):
    """Lines that hold code: no blank lines, comments or docstrings."""
    text = path.read_text()
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (
            tokenize.COMMENT,
            tokenize.NL,
            tokenize.NEWLINE,
            tokenize.INDENT,
            tokenize.DEDENT,
            tokenize.ENDMARKER,
        ):
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def test_the_library_stays_thin():
    paths = list(LIBRARY.rglob("*.py"))
    assert sum(map(code_lines, paths)) <= 2600
    for path in paths:
        assert len(path.read_text().splitlines()) <= 300, path


def test_every_public_function_and_class_says_what_it_does():
    for path in LIBRARY.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def requirements():
    lines = [line.strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    return {name: version for name, version in (line.split("==") for line in lines if line and not line.startswith("#"))}


def ranges():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = [*project["dependencies"], *(text for group in project["optional-dependencies"].values() for text in group)]
    return {requirement.name: requirement.specifier for requirement in map(Requirement, texts)}


def test_ranges_admit_the_pins_and_every_range_has_a_pin():
    pins = requirements()
    assert set(ranges()) == set(pins) - {"setuptools"}
    for name, specifier in ranges().items():
        assert Version(pins[name]) in specifier, name


@pytest.mark.parametrize("name", COLAB)
def test_ranges_admit_what_colab_has(name):
    assert Version(COLAB[name]) in ranges()[name]


def test_environment_yml_has_the_same_pins():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert pip == [f"{name}=={version}" for name, version in requirements().items()] + ["-e ."]


def test_the_version_stands_once():
    import ganlib

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == ganlib.__version__


def test_the_readme_names_only_commands_that_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(
        re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text(), re.M)
    )
    assert {"demo", "test"} <= named <= targets
