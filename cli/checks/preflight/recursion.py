"""Check that Lambda does not stop the retries of a deployed stack as a recursive loop."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, error_code, ok, wrong
from cli.checks.preflight.account import Account


def allowed(account: Account, function: str) -> Finding:
    """
    Check that the retry function, if it is deployed, may send to its own queue.

    CloudFormation does not restore what was changed by hand: it changes only what the new template
    has changed.
    """
    try:
        found = account.client("lambda").get_function_recursion_config(FunctionName=function)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return ok(f"there is no function {function} yet: the deployment allows its retries")
        raise
    if found["RecursiveLoop"] == "Allow":
        return ok(f"{function} may send to its own queue")
    detail = f"Lambda stops each webhook after about 16 invocations of {function}"
    more = f"aws lambda put-function-recursion-config --function-name {function}"
    return wrong(detail, f"{more} --recursive-loop Allow")
