"""What others' machines run for us, as far as it can be read without running it."""

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_and_nothing_else_and_ends(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"} and "concurrency" in workflow
    assert "pull_request_target" not in path.read_text()
    for job in workflow["jobs"].values():
        assert 0 < job["timeout-minutes"] <= 60
        assert job.get("strategy", {}).get("fail-fast", False) is False
        assert set(job.get("permissions", {})) <= {"contents", "issues"}
        assert job.get("permissions", {}).get("contents", "read") == "read"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_steps_are_targets_of_the_makefile_or_pinned_actions(path):
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        chosen = job.get("strategy", {}).get("matrix", {}).get("include", [])
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])
                is_checkout = step["uses"].startswith("actions/checkout@")
                assert not is_checkout or step["with"]["persist-credentials"] is False
            elif step.get("run") == "make ${{ matrix.target }}":
                assert chosen and {each["target"] for each in chosen} <= TARGETS
            elif step.get("if") != "failure()":  # which reports, and tests nothing
                assert re.fullmatch(r"make ([a-z-]+)", step["run"])[1] in TARGETS


def test_every_python_that_the_project_allows_is_tested():
    matrix = yaml.safe_load(WORKFLOWS[0].read_text())["jobs"]["test"]["strategy"]["matrix"]
    assert WORKFLOWS[0].stem == "tests"
    allowed = r'requires-python = ">=3\.(\d+),<3\.(\d+)"'
    ends = re.search(allowed, (ROOT / "pyproject.toml").read_text())
    assert matrix["python"] == [f"3.{minor}" for minor in range(int(ends[1]), int(ends[2]))]


def test_the_container_for_editors_installs_the_project_as_everybody_does():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    command, target = container["postCreateCommand"].split()
    assert command == "make" and f"\n{target}:" in (ROOT / "Makefile").read_text()
    assert re.search(r"python:3\.1[1-3]-", container["image"])
    assert ".venv/bin/python" in str(container["customizations"])
