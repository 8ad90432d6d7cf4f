"""``shoprelay``: the operator's commands, registered by one explicit line each."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.commands import check as checking
from cli.commands import connect as connecting
from cli.commands import deploy as deploying
from cli.commands import dlq, pause, secrets
from cli.commands import explain as explaining
from cli.commands import forget as forgetting
from cli.commands import history as journal
from cli.commands import init as beginning
from cli.commands import send as sending
from cli.commands import status as standing
from cli.commands import tail as tailing
from cli.local.command import EXAMPLE, local
from cli.terminal import errors

app = typer.Typer(
    help="Webhooks of hosted shops, delivered to the platforms that personalise them.",
    epilog="Example: shoprelay local --merchant merchants/demo.toml "
    "--secrets merchants/demo.secrets.json",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("init", epilog=beginning.EXAMPLE)(beginning.init)
app.add_typer(secrets.app, name="secrets")
app.command("check", epilog=checking.EXAMPLE)(checking.check)
app.command("deploy", epilog=deploying.EXAMPLE)(deploying.deploy)
app.command("destroy", epilog=deploying.EXAMPLE_DESTROY)(deploying.destroy)
app.command("connect", epilog=connecting.EXAMPLE)(connecting.connect)
app.command("disconnect", epilog=connecting.EXAMPLE_DISCONNECT)(connecting.disconnect)
app.command("audit", epilog=connecting.EXAMPLE_AUDIT)(connecting.audit)
app.command("send", epilog=sending.EXAMPLE)(sending.send)
app.command("explain", epilog=explaining.EXAMPLE)(explaining.explain)
app.command("tail", epilog=tailing.EXAMPLE)(tailing.tail)
app.command("local", epilog=EXAMPLE)(local)
app.command("status", epilog=standing.EXAMPLE)(standing.status)
app.add_typer(dlq.app, name="dlq")
app.command("history", epilog=journal.EXAMPLE)(journal.history)
app.command("pause", epilog="Example: shoprelay pause datacue --merchant acme")(pause.pause)
app.command("resume", epilog="Example: shoprelay resume datacue --merchant acme")(pause.resume)

app.command("forget", epilog=forgetting.EXAMPLE)(forgetting.forget)


_DEBUG = "--debug"


@app.callback(epilog=errors.EXIT_CODES)
def shoprelay(
    *,
    debug: Annotated[bool, typer.Option(_DEBUG, help="Show the trace of what goes wrong.")] = False,
) -> None:
    """Webhooks of hosted shops, delivered to the platforms that personalise them."""
    del debug  # `main` has taken it off by then, wherever it stood


def main() -> None:
    """Run a command. An error is one line on standard error; see `cli.terminal.errors`."""
    words = [word for word in sys.argv[1:] if word != _DEBUG]
    try:
        app(words)
    except (Exception, KeyboardInterrupt) as error:  # an operator reads one line, never a trace
        if _DEBUG in sys.argv:
            raise
        mishap = errors.told(error)
        sys.stderr.write(f"shoprelay: {mishap.text}\n")
        sys.exit(mishap.code)


if __name__ == "__main__":
    main()
