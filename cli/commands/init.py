"""``shoprelay init``: write a merchant's file from options, and prompt for what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer

from cli import output
from cli.commands.options import Json, Name, spread
from cli.merchants.files import file_of
from cli.merchants.suggestions import EXAMPLES, nearest, with_suggestion
from shared.errors import NotConfigured
from shared.settings import DestinationName, SourceName, read_merchant

EXAMPLE = (
    "Example: shoprelay init acme --source shopify --shop acme.myshopify.com --destination datacue "
    "--storefront https://acme.example --currency EUR. Exit codes: 0 written, 2 not."
)
_SAMCONFIG = Path("samconfig.toml")
_SECTION = """
[{name}.deploy.parameters]
stack_name = "shoprelay-{name}"
parameter_overrides = 'Merchant={name} AlarmEmail=""'
s3_prefix = "shoprelay-{name}"
resolve_s3 = true
capabilities = "CAPABILITY_IAM"
confirm_changeset = false
fail_on_empty_changeset = false
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The values for the file. A required one that is not set is prompted for."""

    source: Annotated[
        list[str] | None, typer.Option(help="shopify or woocommerce; repeatable.")
    ] = None
    shop: Annotated[
        str | None, typer.Option(help="Shopify domain, such as acme.myshopify.com.")
    ] = None
    woocommerce_url: Annotated[
        str | None, typer.Option(help="Home address of the WooCommerce store.")
    ] = None
    storefront: Annotated[str | None, typer.Option(help="Address where shoppers see the shop.")] = (
        None
    )
    currency: Annotated[str | None, typer.Option(help="Currency of the shop, such as EUR.")] = None
    destination: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(get_args(DestinationName))}; repeatable."),
    ] = None
    yespo_site_id: Annotated[str | None, typer.Option(help="Site id at Yespo.")] = None
    esputnik_site_id: Annotated[str | None, typer.Option(help="Site id at eSputnik.")] = None
    personaclick_shop_id: Annotated[
        str | None, typer.Option(help="Key of the store at PersonaClick.")
    ] = None


# Platform -> (its key, the field of `Answers` that sets it, the prompt).
_REQUIRED: Mapping[str, tuple[str, str, str]] = {
    "shopify": ("shop", "shop", "Shopify domain"),
    "woocommerce": ("url", "woocommerce_url", "WooCommerce home address"),
    "yespo": ("site_id", "yespo_site_id", "Yespo site id"),
    "esputnik": ("site_id", "esputnik_site_id", "eSputnik site id"),
    "personaclick": ("shop_id", "personaclick_shop_id", "PersonaClick shop id"),
}
# (option, prompt, example) -> what is typed.
Prompt = Callable[[str, str, str], str]


@spread
def init(
    name: Name,
    answers: Answers,
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    json_out: Json = False,
) -> None:
    """Write merchants/NAME.toml, and a section for it in samconfig.toml where there is one."""
    path = file_of(name)
    if path.exists() and not force:
        raise NotConfigured(f"{path} exists already: edit it, or overwrite it with --force")
    text = file_text(path.stem, answers, _missing if json_out else _prompt)
    try:
        merchant = read_merchant(text)
    except NotConfigured as error:
        raise with_suggestion(error) from None
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    section = _add_section(merchant.name)
    following = [f"shoprelay {one} {merchant.name}" for one in ("secrets put", "check", "deploy")]
    if json_out:
        result = {"file": str(path), "samconfig": section, "next": following}
        output.echo_json(msgspec.json.encode(result))
        return
    output.echo(f"{path} is written." + (f" {_SAMCONFIG} has its section." if section else ""))
    output.echo("Next:\n  " + "\n  ".join(following))


def file_text(name: str, answers: Answers, prompt: Prompt) -> str:
    """Return the text of a merchant's file, prompting for what the answers lack."""
    sources = _platforms("source", answers.source, get_args(SourceName), prompt)
    sections = {one: _section(one, answers, prompt) for one in sources}
    storefront = answers.storefront or prompt(
        "storefront", "Address where shoppers see the shop", ""
    )
    currency = answers.currency or prompt("currency", "Currency of the shop", "")
    destinations = _platforms("destination", answers.destination, get_args(DestinationName), prompt)
    sections |= {one: _section(one, answers, prompt) for one in destinations if one in _REQUIRED}
    lines = [
        f"# {name}: settings that are not secret. All keys, with defaults: docs/configuration.md.",
        f"name = {_toml(name)}",
        f"storefront = {_toml(storefront)}",
        f"currency = {_toml(currency.upper())}",
        f"sources = {_toml(sources)}",
        f"destinations = {_toml(destinations)}",
    ]
    for section, (key, value) in sections.items():
        lines += ["", f"[{section}]", f"{key} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _section(platform: str, answers: Answers, prompt: Prompt) -> tuple[str, str]:
    key, field, text = _REQUIRED[platform]
    example = EXAMPLES.get(f"{platform}.{key}", "")
    value = getattr(answers, field) or prompt(field, text, example)
    return key, value.strip()


def _platforms(
    option: str, given: list[str] | None, known: tuple[str, ...], prompt: Prompt
) -> list[str]:
    text = f"{option.capitalize()}s, separated by spaces"
    words = given or prompt(option, text, known[0]).split()
    for word in words:
        if word not in known:
            hint = nearest(word, known) or f"use one of {', '.join(known)}"
            raise NotConfigured(f"there is no {option} {word}; {hint}", f"--{option}")
    return list(dict.fromkeys(words))


def _prompt(option: str, text: str, example: str) -> str:
    known = get_args(SourceName) + get_args(DestinationName)
    if example in known:
        return str(typer.prompt(text, default=example))
    try:
        return str(typer.prompt(f"{text} ({example})" if example else text))
    except typer.Abort:
        return _missing(option, text, example)


def _missing(option: str, text: str, example: str) -> str:
    like = f", such as {example}" if example else ""
    raise NotConfigured(f"missing: {text}{like}", f"--{option.replace('_', '-')}")


def _add_section(name: str) -> bool:
    """Add the section that deploys the merchant, where samconfig.toml is there without it."""
    if not _SAMCONFIG.is_file():
        return False
    text = _SAMCONFIG.read_text(encoding="utf-8")
    if f"[{name}.deploy.parameters]" not in text:
        _SAMCONFIG.write_text(text.rstrip("\n") + "\n" + _SECTION.format(name=name), "utf-8")
    return True


def _toml(value: Any) -> str:
    # For text and lists of text, JSON is valid TOML.
    return json.dumps(value, ensure_ascii=False)
