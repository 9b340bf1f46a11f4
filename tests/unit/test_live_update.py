import pytest

from vibenv_site.setup import findings, live_update

HERE = {"KernelVersion": "6.5.0-14-generic", "Architecture": "x86_64"}


@pytest.mark.parametrize(
    ("info", "bounding", "said"),
    [
        (HERE, None, ""),
        (HERE, 1 << 21, ""),
        ({**HERE, "KernelVersion": "6.10.3"}, None, ""),
        ({**HERE, "KernelVersion": "7.0"}, None, ""),
        ({**HERE, "KernelVersion": "6.1.0-18-amd64"}, None, "kernel 6.1.0-18-amd64 is older than 6.5"),
        ({**HERE, "KernelVersion": "5.15.0"}, None, "older than 6.5"),
        ({**HERE, "Architecture": "riscv64"}, None, "riscv64"),
        (HERE, 0, "SYS_ADMIN"),
        ({"KernelVersion": "of my own"}, None, ""),  # nobody knows: a session that is refused says so
    ],
)
def test_layers_change_under_running_sessions_where_nothing_speaks_against_it(info, bounding, said):
    found = live_update.refusal(info, bounding)
    assert said in found
    assert bool(said) == bool(found)


def test_the_doctor_says_what_an_old_kernel_costs():
    found = findings.live_updates("nowhere", {**HERE, "KernelVersion": "6.1.0"})
    assert (found.status, found.found) == ("optional", "not possible: kernel 6.1.0 is older than 6.5")
    assert "next start" in found.cost
    assert findings.live_updates("nowhere", HERE).status == "ok"
    assert findings.live_updates("nowhere", {}).status == "optional"
