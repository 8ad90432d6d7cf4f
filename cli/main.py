"""``shoprelay``: the operator's commands, registered by one explicit line each."""

from __future__ import annotations

import sys

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli import dlq, pause
from cli import forget as forgetting
from cli.local.command import EXAMPLE, local
from shared.errors import ShoprelayError

app = typer.Typer(
    help="Webhooks of hosted shops, delivered to the platforms that personalise them.",
    epilog="Example: shoprelay local --merchant merchants/demo.toml "
    "--secrets merchants/demo.secrets.json",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("local", epilog=EXAMPLE)(local)
app.add_typer(dlq.app, name="dlq")
app.command("pause", epilog="Example: shoprelay pause datacue --merchant acme")(pause.pause)
app.command("resume", epilog="Example: shoprelay resume datacue --merchant acme")(pause.resume)

app.command("forget", epilog=forgetting.EXAMPLE)(forgetting.forget)


@app.callback()
def shoprelay() -> None:
    """Webhooks of hosted shops, delivered to the platforms that personalise them."""


def main() -> None:
    """Run a command. What goes wrong is one line on standard error and exit code 2."""
    try:
        app()
    except (ShoprelayError, BotoCoreError, ClientError, OSError) as error:
        sys.stderr.write(f"shoprelay: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - an operator reads one line, never a trace
        # The message of an unforeseen error may hold a person's data; its class does not.
        sys.stderr.write(f"shoprelay: internal error: {type(error).__name__}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
