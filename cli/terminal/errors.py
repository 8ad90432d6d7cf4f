"""What goes wrong while a command runs, in one sentence that says what to do."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NotConnected

from cli.checks.finding import refused
from shared.errors import ShoprelayError, StoreUnavailable

# What a person must mend; what only we can mend (sysexits.h, EX_SOFTWARE); Ctrl-C (128 + SIGINT).
MEND, BUG, STOPPED = 2, 70, 130
EXIT_CODES = (
    "Exit codes: 0 done, 1 looked and found something wrong, 2 to be mended first, 70 a bug of "
    "ours, 130 stopped by Ctrl-C."
)

_AWS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (NoCredentialsError, PartialCredentialsError),
        "there are no AWS credentials, or half of them: export AWS_PROFILE=..., or aws sso login",
    ),
    (
        (ProfileNotFound,),
        "AWS_PROFILE names a profile that is not there: aws configure list-profiles names them",
    ),
    ((NoRegionError,), "no AWS region is set: export AWS_DEFAULT_REGION=eu-central-1"),
    (
        (SSOError, TokenRetrievalError, CredentialRetrievalError),
        "the AWS credentials have run out: aws sso login, or take new keys",
    ),
    (
        (HTTPClientError, NotConnected),
        "AWS gives no answer: look at the network, at AWS_DEFAULT_REGION and at the endpoint",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What is said of an error, and with which code the command ends."""

    text: str
    code: int = MEND


def told(error: BaseException) -> Mishap:
    """Say what a person must know of an error, and do; never what was sent or received."""
    match error:
        case KeyboardInterrupt():
            return Mishap(text="stopped", code=STOPPED)
        case StoreUnavailable(reason=reason):
            return Mishap(text=f"{reason}: `shoprelay check NAME` looks closer")
        case ShoprelayError():
            return Mishap(text=str(error))
        case ClientError():
            return Mishap(text=_refusal(error))
        case BotoCoreError():
            return Mishap(text=_of_aws(error))
        case OSError():
            return Mishap(text=_of_machine(error))
        case _:
            # The message of an unforeseen error may hold a person's data; its place does not.
            kind = type(error).__name__
            text = f"internal error: {kind} in {_place(error)}; this is a bug, --debug shows more"
            return Mishap(text=text, code=BUG)


def _place(error: BaseException) -> str:
    """Name the module and the line that raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"


def _refusal(error: ClientError) -> str:
    # AWS' own text may quote what was sent.
    found = refused(error)
    return f"{found.told}: {found.next}" if found.next else found.told


def _of_aws(error: BotoCoreError) -> str:
    for kinds, text in _AWS:
        if isinstance(error, kinds):
            return text
    return f"AWS could not be asked ({type(error).__name__}): look at AWS_PROFILE and the network"


def _of_machine(error: OSError) -> str:
    name = f" {error.filename}" if isinstance(error.filename, str) else ""
    match error:
        case FileNotFoundError():
            return f"there is no file{name}: look at its name"
        case PermissionError():
            return f"the file{name} may not be read or written: look at its permissions"
        case ConnectionError():
            return "nothing answers there: look at the address"
        case _:
            # Of its text only what the system itself says.
            return f"{error.strerror or type(error).__name__}{name and ':' + name}"
