"""The simulator as a process: what it prints, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from connectors.opsgenie.simulator import main

START = "import sys; from connectors.opsgenie.simulator import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def start():
    processes = []

    def run(*arguments):
        command = [sys.executable, "-W", "error", "-c", START, *arguments]
        environment = {**os.environ, "PYTHONPATH": os.getcwd()}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        processes.append(subprocess.Popen(command, env=environment, **pipes))
        return processes[-1]

    yield run
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_it_prints_its_address_and_keys_and_ends_well_on_sigterm(start):
    process = start()
    lines = [process.stdout.readline().rstrip("\n") for _ in range(4)]
    assert lines[0].startswith("http://127.0.0.1:")
    assert [line.split("  ", 1)[1] for line in lines[1:]] == [
        "integration key, every right",
        "settings key, no alert writes",
        "integration key, read only",
    ]
    headers = {"Authorization": f"GenieKey {lines[1].split()[0]}"}
    assert httpx.get(f"{lines[0]}/v2/alerts", headers=headers, trust_env=False).status_code == 200
    process.send_signal(signal.SIGTERM)
    rest, told = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")
    assert "GET /v2/alerts 200  integration key, every right" in told
    assert lines[1].split()[0] not in told


def test_ctrl_c_ends_it_with_130_and_quiet_says_nothing(start, tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"alerts": [{"message": "Only one", "createdAt": "2026-01-01T00:00:00Z"}]}))
    key = "abcdefab-1111-4111-8111-abcdefabcdef"
    process = start("--quiet", "--seed", str(seed), "--key", key)
    address, first = process.stdout.readline().strip(), process.stdout.readline().strip()
    assert first == f"{key}  integration key, every right"
    shown = httpx.get(f"{address}/v2/alerts", headers={"Authorization": f"GenieKey {key}"}, trust_env=False).json()
    assert [alert["message"] for alert in shown["data"]] == ["Only one"]
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=10)
    assert (process.returncode, told) == (130, "")


@pytest.mark.parametrize("text", ["not json", '{"colour": []}', '{"users": []}', '{"alerts": [{"teams": ["x"]}]}'])
def test_a_bad_seed_ends_it_with_the_reason(tmp_path, capsys, text):
    seed = tmp_path / "seed.json"
    seed.write_text(text)
    assert main(["--seed", str(seed)]) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert told.startswith("opsgenie-simulator: ")


def test_a_port_that_is_taken_ends_it_with_the_reason(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    told = f"The port {port} cannot be had: something listens on it already."
    assert (error["type"], error["message"]) == ("invalid_input", told)


def test_the_package_is_light_to_import():
    code = (
        "import sys, connectors.opsgenie.simulator; "
        "print([name for name in sys.modules if name.startswith(('uvicorn', 'h11', 'connectors.opsgenie.simulator.'))])"
    )
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
