"""One layer as a Dagger pipeline, in a process of its own: what it prints is the build's log, and ending it ends the build.

Its plan comes as JSON on standard input; its result goes as JSON to the file that the plan names.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

import anyio
import dagger

from layers.builders.pipeline_plan import Plan, Result

NOT_FOUND: Final = ("not found", "no such host", "connection refused", "failed to resolve", "pull access denied")
ASK_EVERY_S: Final = 5
ANSWER_S: Final = 20


async def run(plan: Plan) -> None:
    """The result is written before the session is closed, which says what is left of the log and can fail by itself."""
    async with dagger.Connection(dagger.Config(log_output=sys.stdout)) as client, anyio.create_task_group() as group:
        group.start_soon(_watch, client, plan)
        _tell(plan, await _attempt(client, plan))
        group.cancel_scope.cancel()


async def _watch(client: dagger.Client, plan: Plan) -> None:
    """A command whose engine has died is waited for for ever; so the engine is asked now and then."""
    while True:
        await anyio.sleep(ASK_EVERY_S)
        try:
            with anyio.fail_after(ANSWER_S):
                await client.version()
        except (dagger.DaggerError, TimeoutError):
            _tell(plan, Result(error="Dagger's engine no longer answers. Check that it runs, then build again."))


def _tell(plan: Plan, result: Result) -> None:
    """Where Dagger itself failed there is nothing to close in order, and trying takes a minute."""
    Path(plan.result).write_text(json.dumps(asdict(result)))
    if result.error:
        os._exit(1)


async def _attempt(client: dagger.Client, plan: Plan) -> Result:
    try:
        return await _build(client, plan)
    except dagger.ExecError as error:
        return Result(exit_code=error.exit_code, output=f"{error.stdout}\n{error.stderr}")
    except dagger.DaggerError as error:
        return Result(error=str(error))
    except Exception as error:  # the library lets through what its own libraries raise when the engine dies
        return Result(error=f"The connection to its engine broke ({type(error).__name__}). Check that it runs.")


async def _build(client: dagger.Client, plan: Plan) -> Result:
    base = client.container().from_(plan.base)
    try:
        await base.sync()
    except dagger.QueryError as error:
        return Result(error=str(error), base_missing=any(words in str(error) for words in NOT_FOUND))
    prepared = _prepared(client, base, plan)
    built = await prepared.with_exec(plan.command, insecure_root_capabilities=plan.privileged).sync()
    changed = await base.rootfs().diff(built.rootfs()).glob("**/*")
    layer = client.container().with_directory(plan.prefix, built.directory(plan.prefix))
    for name, value in plan.labels.items():
        layer = layer.with_label(name, value)
    await layer.publish(plan.target)
    return Result(changed=sorted(f"/{path.rstrip('/')}" for path in changed))


def _prepared(client: dagger.Client, base: dagger.Container, plan: Plan) -> dagger.Container:
    container = base.with_user("0").with_workdir("/").with_entrypoint([])
    for name, value in plan.environment.items():
        container = container.with_env_variable(name, value)
    for path, source in plan.inputs.items():
        container = container.with_mounted_file(path, client.host().file(source))
    for path, name in plan.caches.items():
        container = container.with_mounted_cache(path, client.cache_volume(name))
    return container


def main() -> None:
    plan = Plan(**json.load(sys.stdin))
    try:
        anyio.run(run, plan)
    except Exception as error:
        if not Path(plan.result).exists():
            _tell(plan, Result(error=str(error)))


if __name__ == "__main__":
    main()
