"""Keys and passwords in a text. They are put together here, so that none stands in a file."""

import pytest

from one.compiler.diagnosis import Severity
from tests.compiler.world import one

LONG = "Ab1" * 12
KEYS = {
    "stripe": "sk_" + "live_" + LONG,
    "stripe restricted": "rk_" + "live_" + LONG,
    "stripe webhook": "whsec" + "_" + LONG,
    "openai": "sk" + "-proj-" + LONG,
    "anthropic": "sk" + "-ant-" + "api03-" + LONG,
    "aws": "AKI" + "A" + "ABCDEFGH12345678",
    "github": "ghp" + "_" + LONG,
    "github fine": "github" + "_pat_" + LONG + "_" + LONG,
    "gitlab": "glpat" + "-" + LONG[:20],
    "slack": "xoxb" + "-123456789012-" + LONG,
    "google": "AIz" + "a" + (LONG * 2)[:35],
    "sendgrid": "SG" + "." + LONG[:22] + "." + (LONG * 2)[:43],
    "mailgun": "key" + "-" + "0123456789abcdef" * 2,
    "twilio": "SK" + "0123456789abcdef" * 2,
    "npm": "npm" + "_" + LONG,
    "hugging face": "hf" + "_" + LONG,
    "resend": "re" + "_" + LONG[:10] + "_" + LONG[:20],
    "jwt": "eyJ" + LONG + "." + "eyJ" + LONG + "." + LONG,
    "private key": "-----BEGIN " + "PRIVATE KEY-----",
    "address with a password": "postgres" + "://choir:" + "s3cr3tpass" + "@db.example/choir",
    "bearer": "Bearer " + LONG,
    "password": "password: " + "correct-horse-battery",
    "my password is": "my password is " + "hunter2hunter2",
    "api key": "api_key=" + LONG,
    "telegram": "123456789:" + "AA" + LONG[:33],
}
PLAIN = [
    "The password is in the letter",
    "Your token: 10 points",
    "token amount: 10,000,000 in all",
    "Ask for the secret: it is free",
    "Forgot your password? Reset it here",
    "Your new password must have 12 characters",
    "https://choir.example/sk-summer-festival-tickets",
    "sk-singing-is-good-for-you",
    "Task key-note-speakers",
    "The API key: see the settings page",
]


def said(text: str) -> list[tuple[str, Severity, str]]:
    lines = text.split("\n")
    return [
        (
            each.code,
            each.severity,
            lines[each.span.line - 1][each.span.start - 1 : each.span.end - 1],
        )
        for each in one(text).diagnostics
        if each.code in {"E805", "E806"}
    ]


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_key_in_a_text_is_an_error_where_it_stands(key: str) -> None:
    found = said(f'FEATURE: Pay\nNOTIFY me ABOUT "Use {key}"\n')
    assert [(code, severity) for code, severity, _ in found] == [("E805", Severity.ERROR)]
    assert found[0][2] in key


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_key_in_a_remark_is_a_warning(key: str) -> None:
    found = said(f'FEATURE: Pay\n# Use {key}\nNOTIFY me ABOUT "Paid"\n')
    assert [(code, severity) for code, severity, _ in found] == [("E806", Severity.WARNING)]


def test_a_key_in_the_technical_spelling_is_an_error() -> None:
    key = KEYS["stripe"]
    text = '{"feature": "pay", "flow": [{"set": {"key": "' + key + '"}}]}'
    assert said(text) == [("E805", Severity.ERROR, key)]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_are_no_key(text: str) -> None:
    assert said(f'FEATURE: Pay\nNOTIFY me ABOUT "{text}"\n# {text}\n') == []
