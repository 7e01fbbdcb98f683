"""Receipts: a buyer is told, by mail too, what they paid and what they have back; sellers are told
in the app. Each fact once.
"""

from dataclasses import replace

from one.domains.notices import Notice, tell
from one.domains.payments.offers import here
from one.ontology.values import written_amount
from one.providers.stripe.cashier import Refunded
from one.runtime import Context
from one.store.sales import Sale


async def tell_paid(ctx: Context, sale: Sale) -> None:
    """To the buyer that the money came, to the owners what of it is theirs."""
    name = await _name(ctx, sale)
    paid = written_amount(sale.gross, sale.currency)
    about = f"You paid {paid} for {_so_many(sale)}{name}.{_pretended(sale)}"
    await _tell_buyer(ctx, sale, about, key=f"receipt:{sale.id}")
    for share in sale.shares:
        part = written_amount(share.amount, sale.currency)
        what = f"took {paid}" if sale.feature else f"was sold for {paid}"
        sold = f"{_so_many(sale)}{name} {what}; {part} of it is yours.{_pretended(sale)}"
        notice = Notice(about=sold, key=f"sold:{sale.id}", kind="sale", run_of=(share.person,))
        await tell(_ours(ctx), notice, to=[share.person])


async def tell_refunded(ctx: Context, sale: Sale, refund: Refunded) -> None:
    """To the buyer that money is on its way back."""
    back = written_amount(refund.amount, sale.currency)
    about = f"{back} for {await _name(ctx, sale)} is on its way back to you.{_pretended(sale)}"
    await _tell_buyer(ctx, sale, about, key=f"refund:{refund.id}")


async def _tell_buyer(ctx: Context, sale: Sale, about: str, *, key: str) -> None:
    receipt = Notice(
        about=about,
        key=key,
        channels=("app", "email"),
        kind="receipt",
        url=f"/purchases/{sale.id}",
        run_of=(sale.buyer,),
    )
    await tell(_ours(ctx), receipt, to=[sale.buyer])


def _ours(ctx: Context) -> Context:
    store = here(ctx)
    return replace(ctx, store=store, actor=store.session.viewer)


def _so_many(sale: Sale) -> str:
    return f"{sale.quantity:,} × " if sale.quantity > 1 else ""


def _pretended(sale: Sale) -> str:
    """Wherever its money is spoken of, what is no real money says so."""
    return "" if sale.mode == "live" else f" This is {sale.mode} money: none of it is real."


async def _name(ctx: Context, sale: Sale) -> str:
    thing = await here(ctx).get(sale.id if sale.feature else sale.product, deleted=True)
    return f"“{thing.name}”"
