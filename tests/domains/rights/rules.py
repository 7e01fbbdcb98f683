"""The table of what is expected of whom, written apart from the code that it is held against."""

from collections.abc import Mapping
from typing import Literal

from one.runtime import AnyOperation
from tests.domains.rights.cast import Role, State

Level = Literal["nothing", "sees", "owns"]
"""What somebody is to a row: it isn't there for them, they look at it, or it is theirs."""
Need = Literal["sees", "owns", "self", "staff"]
Outcome = Literal["unknown", "sign in", "refused", "let in"]
"""`unknown`: answered like an id that never was."""

STAFF = frozenset[Role](("support", "read_only", "admin", "boss"))
MAY_WRITE = frozenset[Role](("admin", "boss"))
OWNERS = frozenset[Role](("boss",))

NEEDS: Mapping[str, Need] = {
    "connect.from": "owns",
    "connect.to": "sees",
    "amend_connection.id": "owns",
    "disconnect.id": "owns",
    "record_event.entity": "sees",
    "get_note.id": "sees",
    "create_token.entity": "staff",
    "revoke_token.id": "owns",
    "notify.deeper": "sees",
    "say.to": "sees",
    "say.by": "owns",
    "say.inReplyTo": "sees",
    "set_preference.author": "sees",
    "mark_read.id": "self",
    "answer_request.id": "self",
    "decide_letter.id": "owns",
    "list_messages.id": "sees",
    "read_messages.id": "self",
    "remove_device.id": "self",
    "get_run.id": "sees",
    "cancel_run.id": "sees",
    "retry_run.id": "owns",
    "decide_call.id": "owns",
    "signal_run.id": "owns",
    "list_requests.before": "self",
    "list_letters.before": "owns",
    "list_my_runs.before": "sees",
    "list_entries.before": "self",
    "list_features.owner": "owns",
    "get_feature.owner": "owns",
    "get_feature.slug": "self",
    "list_revisions.owner": "owns",
    "list_revisions.slug": "self",
    "compare_revisions.owner": "owns",
    "compare_revisions.slug": "self",
    "roll_back_feature.owner": "owns",
    "roll_back_feature.slug": "self",
    "retire_feature.owner": "owns",
    "retire_feature.slug": "self",
    "set_canary.owner": "owns",
    "set_canary.slug": "self",
    "give_signal.owner": "owns",
    "deploy_features.owner": "owns",
    "get_draft.id": "self",
    "save_draft.id": "self",
    "discard_draft.id": "self",
    "quote.product": "sees",
    "show_had.id": "sees",
    "take.id": "sees",
    "purchase.product": "sees",
    "tip.to": "sees",
    "get_purchase.id": "sees",
    "list_purchases.before": "self",
    "list_goods.before": "self",
    "list_refunds.id": "sees",
    "get_refund.id": "sees",
    "cancel_purchase.id": "sees",
    "refund_purchase.id": "self",
    "get_holding.id": "sees",
    "list_holdings.before": "self",
    "list_moves.token": "sees",
    "list_moves.before": "self",
    "spend_tokens.id": "sees",
    "transfer_tokens.id": "sees",
    "transfer_tokens.to": "sees",
    "burn_tokens.id": "sees",
    "stake_tokens.id": "sees",
    "unstake_tokens.id": "self",
    "claim_reward.id": "self",
}
"""What an operation for anyone signed in asks of the row that it is told, by place."""


def level(role: Role, state: State | None, operation: AnyOperation) -> Level:
    """What a role is to a thing of Ana's in a state; none: a row of hers that has no states."""
    if role == "owner":
        return "sees" if state == "guest" else "owns"
    if role in (STAFF if operation.kind == "read" else MAY_WRITE):
        return "owns"
    if state is None or state == "guest":
        return "nothing"
    if role == "collaborator":
        return "owns"
    within = role == "member" and state == "members"
    return "sees" if within or state == "public" else "nothing"


def outcome(role: Role, operation: AnyOperation, place: str, state: State | None) -> Outcome:
    rule, are = operation.allow, level(role, state, operation)
    if role == "nobody" and not rule.visitors:
        return "sign in"
    let_in = {"staff": STAFF if operation.kind == "read" else MAY_WRITE}
    let_in["the deployment's owner"] = OWNERS
    if rule.words in let_in:
        return "let in" if role in let_in[rule.words] else "refused"
    if are == "nothing":
        return "unknown"
    if rule.words.startswith("the owner of"):
        return "let in" if are == "owns" or place != "id" else "refused"
    if rule.words == "anyone":
        return "let in"
    match NEEDS[f"{operation.name}.{place}"]:
        case "sees":
            return "let in"
        case "owns":
            return "let in" if are == "owns" else "refused"
        case "self":
            seen = "refused" if are == "owns" else "unknown"
            return "let in" if role == "owner" else seen
        case "staff":
            return "let in" if role in MAY_WRITE or role == "owner" else "refused"
