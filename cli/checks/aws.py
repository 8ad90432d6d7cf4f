"""The AWS session of the environment: one region for every command."""

from __future__ import annotations

import os
from collections.abc import Mapping

import boto3

from shared.errors import NotConfigured


def session() -> boto3.session.Session:
    """
    Return a session with the environment's credentials and region. Raises NotConfigured when two
    variables name different regions, and ProfileNotFound.
    """
    return boto3.session.Session(region_name=region(os.environ))


def region(environment: Mapping[str, str]) -> str | None:
    """
    Return the region that the environment names; None where it names none, and the profile's
    counts.

    Every AWS SDK reads AWS_REGION but boto3 and the SAM CLI, which read AWS_DEFAULT_REGION (Boto3
    guide, "Using environment variables"): with one of them ignored, a command would act in another
    region than the operator named.
    """
    named, default = environment.get("AWS_REGION"), environment.get("AWS_DEFAULT_REGION")
    if named and default and named != default:
        raise NotConfigured(
            f"AWS_REGION is {named} and AWS_DEFAULT_REGION is {default}: unset one of them"
        )
    return named or default or None
