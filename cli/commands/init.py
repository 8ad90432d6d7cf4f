"""``shoprelay init``: write a merchant's file from flags, and ask for what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer

from cli.commands.dlq import Json
from cli.commands.options import Name, spread
from cli.merchants.files import file_of
from cli.merchants.suggestions import EXAMPLES, mended, nearest
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
    """What can be said outright; what is needed and not said is asked for."""

    source: Annotated[
        list[str] | None, typer.Option(help="shopify or woocommerce; repeatable.")
    ] = None
    shop: Annotated[str | None, typer.Option(help="Such as acme.myshopify.com.")] = None
    woocommerce_url: Annotated[str | None, typer.Option(help="Home of the store.")] = None
    storefront: Annotated[str | None, typer.Option(help="Where shoppers see the shop.")] = None
    currency: Annotated[str | None, typer.Option(help="The shop's, such as EUR.")] = None
    destination: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(get_args(DestinationName))}; repeatable."),
    ] = None
    yespo_site_id: Annotated[str | None, typer.Option(help="Of the site at Yespo.")] = None
    esputnik_site_id: Annotated[str | None, typer.Option(help="Of the site at eSputnik.")] = None
    personaclick_shop_id: Annotated[str | None, typer.Option(help="Key of the store there.")] = None


# Platform -> (its key, the answer that gives it, how it is asked for).
_NEEDED: Mapping[str, tuple[str, str, str]] = {
    "shopify": ("shop", "shop", "Shopify domain"),
    "woocommerce": ("url", "woocommerce_url", "WooCommerce home address"),
    "yespo": ("site_id", "yespo_site_id", "Yespo site id"),
    "esputnik": ("site_id", "esputnik_site_id", "eSputnik site id"),
    "personaclick": ("shop_id", "personaclick_shop_id", "PersonaClick shop id"),
}
Ask = Callable[[str, str, str], str]


@spread
def init(
    name: Name,
    answers: Answers,
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
    json_out: Json = False,
) -> None:
    """Write merchants/NAME.toml, and the merchant's section of samconfig.toml, if it is there."""
    path = file_of(name)
    if path.exists() and not force:
        raise NotConfigured(f"{path} is there already: change it, or --force writes it anew")
    text = written(path.stem, answers, _refuse if json_out else _prompt)
    try:
        merchant = read_merchant(text)
    except NotConfigured as error:
        raise mended(error) from None
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    section = _samconfig(merchant.name)
    following = [f"shoprelay {one} {merchant.name}" for one in ("secrets put", "check", "deploy")]
    if json_out:
        told = {"file": str(path), "samconfig": section, "next": following}
        typer.echo(msgspec.json.encode(told).decode())
        return
    typer.echo(f"{path} is written." + (f" {_SAMCONFIG} deploys it." if section else ""))
    typer.echo("What comes next:\n  " + "\n  ".join(following))


def written(name: str, answers: Answers, ask: Ask) -> str:
    """Write a merchant's file, asking for what the answers lack."""
    sources = _platforms("source", answers.source, get_args(SourceName), ask)
    sections = {one: _section(one, answers, ask) for one in sources}
    storefront = answers.storefront or ask("storefront", "Where shoppers see the shop", "")
    currency = answers.currency or ask("currency", "Currency of the shop", "")
    told = _platforms("destination", answers.destination, get_args(DestinationName), ask)
    sections |= {one: _section(one, answers, ask) for one in told if one in _NEEDED}
    lines = [
        f"# {name}: settings that are not secret. All keys, with defaults: docs/configuration.md.",
        f"name = {_toml(name)}",
        f"storefront = {_toml(storefront)}",
        f"currency = {_toml(currency.upper())}",
        f"sources = {_toml(sources)}",
        f"destinations = {_toml(told)}",
    ]
    for section, (key, value) in sections.items():
        lines += ["", f"[{section}]", f"{key} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _section(platform: str, answers: Answers, ask: Ask) -> tuple[str, str]:
    key, said, question = _NEEDED[platform]
    value = getattr(answers, said) or ask(said, question, EXAMPLES.get(f"{platform}.{key}", ""))
    return key, value.strip()


def _platforms(option: str, said: list[str] | None, known: tuple[str, ...], ask: Ask) -> list[str]:
    words = said or ask(option, f"{option.capitalize()}s, with a blank between", known[0]).split()
    for word in words:
        if word not in known:
            hint = nearest(word, known) or f"there is {', '.join(known)}"
            raise NotConfigured(f"there is no {option} {word}; {hint}", f"--{option}")
    return list(dict.fromkeys(words))


def _prompt(option: str, question: str, example: str) -> str:
    known = get_args(SourceName) + get_args(DestinationName)
    if example in known:
        return str(typer.prompt(question, default=example))
    try:
        return str(typer.prompt(f"{question} ({example})" if example else question))
    except typer.Abort:
        return _refuse(option, question, example)


def _refuse(option: str, question: str, example: str) -> str:
    like = f", such as {example}" if example else ""
    raise NotConfigured(f"not said: {question}{like}", f"--{option.replace('_', '-')}")


def _samconfig(name: str) -> bool:
    """Add the section that deploys a merchant, where there is a samconfig.toml without it."""
    if not _SAMCONFIG.is_file():
        return False
    text = _SAMCONFIG.read_text(encoding="utf-8")
    if f"[{name}.deploy.parameters]" not in text:
        _SAMCONFIG.write_text(text.rstrip("\n") + "\n" + _SECTION.format(name=name), "utf-8")
    return True


def _toml(value: Any) -> str:
    # Text, and lists of it: here JSON's spelling is TOML's.
    return json.dumps(value, ensure_ascii=False)
