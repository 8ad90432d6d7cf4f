"""The text and the exit code for an error that ends a command: what happened and what to do."""

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

from cli.checks.finding import aws_error
from shared.errors import ShoprelayError, StoreUnavailable

# An error that the operator corrects; a bug (sysexits.h, EX_SOFTWARE); Ctrl-C (128 + SIGINT).
OPERATOR, BUG, STOPPED = 2, 70, 130
EXIT_CODES = (
    "Exit codes: 0 success, 1 the command found something wrong, 2 an error that you can correct, "
    "70 a bug in Shoprelay, 130 stopped by Ctrl-C."
)

_AWS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (NoCredentialsError, PartialCredentialsError),
        "AWS credentials are missing or incomplete: export AWS_PROFILE=..., or aws sso login",
    ),
    (
        (ProfileNotFound,),
        "AWS_PROFILE names a profile that does not exist: aws configure list-profiles",
    ),
    ((NoRegionError,), "no AWS region is set: export AWS_DEFAULT_REGION=eu-central-1"),
    (
        (SSOError, TokenRetrievalError, CredentialRetrievalError),
        "the AWS credentials have expired: aws sso login, or use new keys",
    ),
    (
        (HTTPClientError, NotConnected),
        "no response from AWS: check the network, AWS_DEFAULT_REGION and the endpoint",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The text that is printed for an error, and the exit code of the command."""

    text: str
    code: int = OPERATOR


def describe(error: BaseException) -> Failure:
    """Return what happened and what to do, never what was sent or received."""
    match error:
        case KeyboardInterrupt():
            return Failure(text="stopped", code=STOPPED)
        case StoreUnavailable(reason=reason):
            return Failure(text=f"{reason}: `shoprelay check NAME` checks the store")
        case ShoprelayError():
            return Failure(text=str(error))
        case ClientError():
            return Failure(text=_client_error(error))
        case BotoCoreError():
            return Failure(text=_boto_error(error))
        case OSError():
            return Failure(text=_os_error(error))
        case _:
            # The message of an unexpected error may hold personal data; its place does not.
            kind = type(error).__name__
            text = f"internal error: {kind} in {_place(error)}; this is a bug, --debug shows more"
            return Failure(text=text, code=BUG)


def _place(error: BaseException) -> str:
    """Return the module and the line that raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"


def _client_error(error: ClientError) -> str:
    # AWS's own text may quote what was sent.
    found = aws_error(error)
    return f"{found.detail}: {found.next}" if found.next else found.detail


def _boto_error(error: BotoCoreError) -> str:
    for kinds, text in _AWS:
        if isinstance(error, kinds):
            return text
    return f"the request to AWS failed ({type(error).__name__}): check AWS_PROFILE and the network"


def _os_error(error: OSError) -> str:
    name = f" {error.filename}" if isinstance(error.filename, str) else ""
    match error:
        case FileNotFoundError():
            return f"there is no file{name}: check its name"
        case PermissionError():
            return f"no permission to read or write the file{name}: check its permissions"
        case ConnectionError():
            return "the connection failed: check the address"
        case _:
            # Only the system's own part of the message.
            return f"{error.strerror or type(error).__name__}{name and ':' + name}"
