"""``shoprelay``: the operator's commands, each registered by one line."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from cli import output
from cli.checks import errors
from cli.commands import (
    check,
    connect,
    deploy,
    dlq,
    explain,
    forget,
    history,
    init,
    keep_shop,
    pause,
    secrets,
    send,
    status,
    tail,
)
from cli.local.command import EXAMPLE, local

app = typer.Typer(
    help="Deliver the webhooks of hosted shops to the platforms that personalise them.",
    epilog="Example: shoprelay local --merchant merchants/demo.toml "
    "--secrets merchants/demo.secrets.json",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command("init", epilog=init.EXAMPLE)(init.init)
app.add_typer(secrets.app, name="secrets")
app.command("check", epilog=check.EXAMPLE)(check.check)
app.command("deploy", epilog=deploy.EXAMPLE)(deploy.deploy)
app.command("destroy", epilog=deploy.EXAMPLE_DESTROY)(deploy.destroy)
app.command("connect", epilog=connect.EXAMPLE)(connect.connect)
app.command("disconnect", epilog=connect.EXAMPLE_DISCONNECT)(connect.disconnect)
app.command("audit", epilog=connect.EXAMPLE_AUDIT)(connect.audit)
app.command("send", epilog=send.EXAMPLE)(send.send)
app.command("explain", epilog=explain.EXAMPLE)(explain.explain)
app.command("tail", epilog=tail.EXAMPLE)(tail.tail)
app.command("local", epilog=EXAMPLE)(local)
app.command("status", epilog=status.EXAMPLE)(status.status)
app.add_typer(dlq.app, name="dlq")
app.command("history", epilog=history.EXAMPLE)(history.history)
app.command("pause", epilog="Example: shoprelay pause datacue --merchant acme")(pause.pause)
app.command("resume", epilog="Example: shoprelay resume datacue --merchant acme")(pause.resume)
app.command("keep-shop", epilog=keep_shop.EXAMPLE)(keep_shop.keep_shop)
app.command("forget", epilog=forget.EXAMPLE)(forget.forget)


_DEBUG = "--debug"


def _print_version(wanted: bool) -> None:
    if wanted:
        output.echo(f"shoprelay {version('shoprelay')}")
        raise typer.Exit


@app.callback(epilog=errors.EXIT_CODES)
def shoprelay(
    *,
    debug: Annotated[bool, typer.Option(_DEBUG, help="Show the traceback of an error.")] = False,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Deliver the webhooks of hosted shops to the platforms that personalise them."""
    del debug, show_version  # both are handled already


def main() -> None:
    """Run a command. An error is one line on standard error; see `cli.checks.errors`."""
    words = [word for word in sys.argv[1:] if word != _DEBUG]
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    try:
        app(words)
    except (Exception, KeyboardInterrupt) as error:  # an operator reads one line, never a trace
        if _DEBUG in sys.argv:
            raise
        failure = errors.describe(error)
        output.echo(f"shoprelay: {failure.text}", err=True)
        sys.exit(failure.code)


if __name__ == "__main__":
    main()
