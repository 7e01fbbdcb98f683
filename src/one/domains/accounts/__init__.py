"""Accounts: how people sign up and in, on what devices, and the tokens that act for them.

Records `entity_created` for who signs up; a session or token that ends is told of by the change
log. Letters go out through the outbox; `filled` puts into them what is kept nowhere.
"""

from one.domains.accounts.account import (
    become_creator,
    change_email,
    change_password,
    end_other_sessions,
    end_session,
    list_devices,
    show_account,
    sign_out,
)
from one.domains.accounts.archive import export_account
from one.domains.accounts.closing import close_account, show_closing
from one.domains.accounts.entrance import (
    Entered,
    enter,
    enter_code,
    mail_reset,
    mail_sign_in,
    pass_second_factor,
    show_link,
    sign_in,
    sign_up,
)
from one.domains.accounts.invitations import invite
from one.domains.accounts.letters import filled
from one.domains.accounts.secondfactor import (
    confirm_second_factor,
    end_second_factor,
    offer_second_factor,
    renew_backup_codes,
)
from one.domains.accounts.staff import (
    appoint_staff,
    dismiss_staff,
    list_audit,
    list_own_log,
    list_staff,
)
from one.domains.accounts.tokens import create_token, list_tokens, revoke_token

__all__ = [
    "Entered",
    "appoint_staff",
    "become_creator",
    "change_email",
    "change_password",
    "close_account",
    "confirm_second_factor",
    "create_token",
    "dismiss_staff",
    "end_other_sessions",
    "end_second_factor",
    "end_session",
    "enter",
    "enter_code",
    "export_account",
    "filled",
    "invite",
    "list_audit",
    "list_devices",
    "list_own_log",
    "list_staff",
    "list_tokens",
    "mail_reset",
    "mail_sign_in",
    "offer_second_factor",
    "pass_second_factor",
    "renew_backup_codes",
    "revoke_token",
    "show_account",
    "show_closing",
    "show_link",
    "sign_in",
    "sign_out",
    "sign_up",
]
