"""The till: asks the payment provider for what is wanted, and follows up what it tells.

It runs in every server process. A call is claimed before it is made and has the same key however
often; a hint says where to look, and what is booked is what is seen there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

import structlog
from pydantic import JsonValue

from one.clock import monotonic
from one.domains.payments import entries
from one.domains.payments.advancing import advance, expired, failed_refund
from one.domains.payments.entries import About
from one.domains.payments.offers import HERE
from one.domains.payments.purchases import end_unpaid, give_up
from one.domains.payments.settling import about, settle_owners
from one.errors import OneError, Outside
from one.providers.base import Sent as Delivered
from one.providers.base import busy, refused, unclear
from one.providers.stripe.cashier import (
    Account,
    CardDeclined,
    Charge,
    Checkout,
    Order,
    Person,
    Sent,
    Taken,
    Told,
)
from one.runtime import Context, Deployment
from one.store import Store
from one.store import calls as wanted
from one.store import hints as told
from one.store.accounts import account_of
from one.store.calls import Call, Outcome, hold_call
from one.store.hints import Hint
from one.store.journal import post
from one.store.payees import Payee, change_payee, payee, person_of
from one.store.payees import accounts as accounts_of
from one.store.sales import PAID, UNPAID, Sale, change_sale, find_sale, hold_sale, overdue

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

HOOK = "/api/payments/webhooks/stripe"
LEASE = timedelta(seconds=60)
IDLE = 0.2
HOUR = 3_600.0
EARLY = timedelta(seconds=2)
GIVEN_UP = 12
_LOOKS, _PAUSE = 50, 0.1
_DELAYS = (1, 5, 15, 60, 300, 900, 3600)


class Early(Exception):
    """What was told is about something that isn't here yet."""


class Till:
    """One per process."""

    def __init__(self, deployment: Deployment, *, lease: timedelta = LEASE) -> None:
        self._deployment = deployment
        self._lease = lease

    async def run(self) -> None:
        """Works until cancelled; every hour it also asks for what got lost on the way, and every
        night on people's accounts.
        """
        lost, hours = monotonic() + HOUR, 0
        while True:
            try:
                worked = await self.work()
                if monotonic() > lost:
                    lost, hours = monotonic() + HOUR, hours + 1
                    worked += await self.catch_up(accounts=hours % 24 == 0)
            except OneError as error:
                worked = 0
                _log.warning("payments wait", error=error.message)
            except Exception as error:
                worked = 0
                _log.error("bug at the till", exc_info=error)
            if not worked:
                await asyncio.sleep(IDLE)

    async def settle(self) -> None:
        """Works until nothing is due: for those who move the time themselves."""
        while await self.work():
            continue

    async def work(self) -> int:
        """Makes the calls that are due, looks at what was told and closes what is overdue; how many
        it dealt with.
        """
        desk = self._deployment.desk
        now, mode = desk.clock.now(), self._deployment.payments.mode
        async with desk.database.write() as tx:
            calls = await wanted.claim(tx, mode, desk.spaces, now=now, lease=self._lease)
            hints = await told.take(tx, mode, now=now, again=now + self._lease)
            late = await overdue(tx, desk.spaces, now=now)
        works = [self.make(call) for call in calls]
        works += [self._follow(hint) for hint in hints]
        works += [self._close(space, sale) for space, sale in late]
        await asyncio.gather(*works)
        return len(works)

    # --- calls

    async def pay_page(self, space: UUID, sale: UUID) -> str | None:
        """The page on which a sale is paid, made now if it wasn't yet; none where it can't be
        paid. Raises Outside.
        """
        mode = self._deployment.payments.mode
        async with self._deployment.desk.write(space, HERE) as store:
            found = await find_sale(store.session, sale)
            if found is None or found.state not in UNPAID or found.url:
                return found.url if found else None
            call = await wanted.claim_one(
                store.session, f"checkout:{sale}", mode, lease=self._lease
            )
        if call is not None:
            await self.make(call)
        for again in reversed(range(1 if call else _LOOKS)):
            async with self._deployment.desk.read(space, HERE, snapshot=False) as store:
                found = await find_sale(store.session, sale)
            if found is None or found.state not in UNPAID:
                return None
            if found.url or not again:
                return found.url
            await asyncio.sleep(_PAUSE)  # another process is just having it made
        return None

    async def outcome(self, space: UUID, key: str) -> Call:
        """A call of a sale once somebody has made it, which may be now; still due where it went
        wrong and is made again later. Raises Outside where it is being made elsewhere, or is none
        of this deployment's money.
        """
        mode = self._deployment.payments.mode
        async with self._deployment.desk.write(space, HERE) as store:
            call = await wanted.claim_one(store.session, key, mode, lease=self._lease)
        if call is not None:
            await self.make(call)
        for again in reversed(range(1 if call else _LOOKS)):
            async with self._deployment.desk.read(space, HERE, snapshot=False) as store:
                found = await wanted.call_named(store.session, mode, key)
            if found is None:
                raise refused("This was begun with other money than there is here now.")
            if call is not None or found.status in ("done", "failed"):
                return found
            if again:
                await asyncio.sleep(_PAUSE)
        raise unclear("It is just being asked for.")

    async def withdraw(self, call: Call) -> bool:
        """Gives up what is due and was never done; whether it still could be."""
        async with self._deployment.desk.write(call.space, HERE) as store:
            assert call.sale is not None, "it is for a sale"
            sale = await hold_sale(store.session, call.sale)
            known = await hold_call(store.session, call.id)
            if sale is None or known is None or known.status != "due" or not known.unheard:
                return False
            await wanted.settle(store.session, call.id, Outcome("failed", reason=call.reason))
            await end_unpaid(self._context(call.space, store), sale, "failed")
        return True

    async def onboarding_page(self, space: UUID, person: UUID) -> str | None:
        """The page on which somebody says what the provider wants to know; none where they didn't
        ask to be paid. Raises Outside.
        """
        deployment = self._deployment
        mode = deployment.payments.mode
        async with deployment.desk.write(space, HERE) as store:
            call = await wanted.claim_one(
                store.session, f"account:{person}", mode, lease=self._lease
            )
        if call is not None:
            await self.make(call)
        async with deployment.desk.read(space, HERE, snapshot=False) as store:
            known = await payee(store.session, mode, person)
        if known is None:
            return None
        if known.account is None:
            raise busy("Your account is still being made.", cure="Try again in a moment.")
        back = f"{deployment.settings.address_of(space)}/pay/onboarding"
        return await deployment.payments.cashier.onboarding(
            known.account, back=f"{back}/done", again=back
        )

    async def onboarded(self, space: UUID, person: UUID) -> None:
        """Looks whether somebody's account takes money by now. Raises Outside."""
        async with self._deployment.desk.read(space, HERE, snapshot=False) as store:
            known = await payee(store.session, self._deployment.payments.mode, person)
        if known is not None and known.account is not None:
            await self._look_at_account(known.account)

    async def make(self, call: Call) -> None:
        """Makes a claimed call, and keeps what came of it."""
        act: Callable[[Call], Awaitable[None]] = {
            "checkout": self._open_checkout,
            "charge": self._charge,
            "expire": self._expire,
            "refund": self._refund,
            "transfer": self._transfer,
            "reversal": self._reverse,
            "account": self._open_account,
        }[call.kind]
        try:
            await act(call)
        except Outside as error:
            await self._failed(call, error)
        except Exception as error:
            _log.error("bug at a call", call=call.key, exc_info=error)
            await self._failed(
                call, Outside("It broke on our side.", outcome="unknown", retryable=True)
            )

    async def _failed(self, call: Call, error: Outside) -> None:
        """Again later, where that may help; else what was wanted won't be."""
        async with self._deployment.desk.write(call.space, HERE) as store:
            ctx = self._context(call.space, store)
            sale = await hold_sale(store.session, call.sale) if call.sale else None
            if error.retryable or error.outcome == "unknown":
                pause = _DELAYS[min(call.attempts, len(_DELAYS)) - 1]
                due = store.session.now + timedelta(seconds=pause)
                spent = bool(error.details.get("spent"))
                answer = call.refused_again(error.outcome == "not_done")
                outcome = Outcome("due", answer, error.message, due_at=due, spent=spent)
                await wanted.settle(store.session, call.id, outcome)
                return
            said = {"declined": True} if isinstance(error, CardDeclined) else None
            outcome = Outcome("failed", said, error.message)
            await wanted.settle(store.session, call.id, outcome)
            if sale is None:
                return
            if call.kind == "charge":
                await end_unpaid(ctx, sale, "failed")
            elif call.kind == "refund":
                await failed_refund(ctx, sale, call)
            elif call.kind == "checkout":
                await expired(ctx, sale)
            else:
                await settle_owners(ctx, sale)

    async def _done(
        self,
        call: Call,
        answer: dict[str, JsonValue],
        then: Callable[[Context, Sale], Awaitable[None]],
    ) -> None:
        """Keeps an answer together with what follows from it, unless that was done meanwhile."""
        async with self._deployment.desk.write(call.space, HERE) as store:
            assert call.sale is not None, "it is for a sale"
            sale = await hold_sale(store.session, call.sale)
            known = await hold_call(store.session, call.id)
            if sale is None or known is None or known.status == "done":
                return
            await wanted.settle(store.session, call.id, Outcome("done", answer))
            await then(self._context(call.space, store), sale)

    async def _open_checkout(self, call: Call) -> None:
        deployment = self._deployment
        async with deployment.desk.read(call.space, HERE) as store:
            assert call.sale is not None, "a checkout is a sale's"
            sale = await find_sale(store.session, call.sale)
            assert sale is not None, "a sale stays"
            title = (await store.get(sale.product, deleted=True)).name
            account = await account_of(store.session.tx, call.space, sale.buyer)
        site = deployment.settings.address_of(call.space)
        order = Order(
            title=title,
            quantity=sale.quantity,
            unit_price=sale.unit_price,
            currency=sale.currency,
            email=(account.email or "") if account else "",
            expires_at=sale.expires_at,
            success_url=f"{site}/pay/{sale.id}/done",
            cancel_url=f"{site}/pay/{sale.id}/back",
            facts={"sale": str(sale.id), "space": str(call.space)},
        )
        page = await deployment.payments.cashier.open_checkout(order, key=call.spoken)

        async def then(ctx: Context, held: Sale) -> None:
            facts = {"checkout": page.id, "url": page.url}
            state = {"state": "pending"} if held.state == "initiated" else {}
            await change_sale(ctx.store.session, held.id, **facts, **state)

        await self._done(call, {"id": page.id, "url": page.url}, then)

    async def _charge(self, call: Call) -> None:
        sale = await self._sale_of(call)
        async with self._deployment.desk.read(call.space, HERE) as store:
            title = (await store.get(sale.id, deleted=True)).name
        taken = Taken(
            str(call.asked["method"]),
            sale.gross,
            sale.currency,
            title,
            {"sale": str(sale.id), "space": str(call.space)},
        )
        charge = await self._deployment.payments.cashier.take(taken, key=call.spoken)

        async def then(ctx: Context, held: Sale) -> None:
            await advance(ctx, held, charge)

        await self._done(call, {"id": charge.id}, then)

    async def _expire(self, call: Call) -> None:
        assert call.sale is not None, "a checkout is a sale's"
        async with self._deployment.desk.read(call.space, HERE) as store:
            sale = await find_sale(store.session, call.sale)
        cashier = self._deployment.payments.cashier
        if sale is None or sale.checkout is None:
            raise Outside("Its page is still being made.", outcome="not_done", retryable=True)
        page = await cashier.checkout(sale.checkout)
        if page.status == "open":
            page = await cashier.expire_checkout(sale.checkout, key=call.spoken)
        charge = await cashier.charge_of(page.intent) if page.intent else None

        async def then(ctx: Context, held: Sale) -> None:
            if charge is not None and charge.paid:
                await advance(ctx, held, charge)
            else:
                await expired(ctx, held)

        await self._done(call, {"id": page.id, "status": page.status}, then)

    async def _refund(self, call: Call) -> None:
        sale = await self._sale_of(call)
        cashier = self._deployment.payments.cashier
        assert sale.charge is not None, "what is refunded was paid"
        made = await cashier.refund(sale.charge, call.amount, key=call.spoken)
        charge = await cashier.charge(sale.charge)

        async def then(ctx: Context, held: Sale) -> None:
            if made.failed:
                await failed_refund(ctx, held, call)
            await advance(ctx, held, charge)

        await self._done(call, {"id": made.id}, then)

    async def _transfer(self, call: Call) -> None:
        sale = await self._sale_of(call)
        assert call.person is not None, "a transfer goes to somebody"
        assert sale.charge is not None, "what is transferred was paid"
        async with self._deployment.desk.read(call.space, HERE) as store:
            known = await payee(store.session, call.mode, call.person)
        if known is None or known.account is None or not known.ready:
            raise Outside("Their account isn't ready yet.", outcome="not_done", retryable=True)
        sent = Sent(
            known.account,
            None if call.asked.get("again") else sale.charge,
            call.amount,
            call.currency,
            str(sale.id),
            {"sale": str(sale.id), "space": str(call.space), "person": str(call.person)},
        )
        id = await self._deployment.payments.cashier.transfer(sent, key=call.spoken)

        async def then(ctx: Context, held: Sale) -> None:
            assert call.person is not None, "a transfer goes to somebody"
            moved = entries.transfer(about(held), id, party=call.person, amount=call.amount)
            await post(ctx.store.session, moved)
            await settle_owners(ctx, held)

        await self._done(call, {"id": id}, then)

    async def _reverse(self, call: Call) -> None:
        transfer = str(call.asked["transfer"])
        id = await self._deployment.payments.cashier.reverse(transfer, call.amount, key=call.spoken)

        async def then(ctx: Context, held: Sale) -> None:
            assert call.person is not None, "a reversal is somebody's"
            moved = entries.reversal(about(held), id, party=call.person, amount=call.amount)
            await post(ctx.store.session, moved)
            await settle_owners(ctx, held)

        await self._done(call, {"id": id}, then)

    async def _open_account(self, call: Call) -> None:
        assert call.person is not None, "an account is somebody's"
        async with self._deployment.desk.read(call.space, HERE) as store:
            known = await account_of(store.session.tx, call.space, call.person)
        person = Person(
            (known.email or "") if known else "",
            str(call.asked["country"]),
            {"person": str(call.person), "space": str(call.space)},
        )
        account = await self._deployment.payments.cashier.open_account(person, key=call.spoken)
        async with self._deployment.desk.write(call.space, HERE) as store:
            await wanted.settle(store.session, call.id, Outcome("done", {"id": account.id}))
            await self._know(self._context(call.space, store), call.person, account)

    async def _sale_of(self, call: Call) -> Sale:
        assert call.sale is not None, "it is for a sale"
        async with self._deployment.desk.read(call.space, HERE) as store:
            sale = await find_sale(store.session, call.sale)
        assert sale is not None, "a sale stays"
        return sale

    # --- what is told

    async def receive(self, body: bytes, signature: str) -> None:
        """Keeps what the provider posted. Raises Invalid where it wasn't the provider."""
        event = self._deployment.payments.cashier.told(body, signature)
        desk = self._deployment.desk
        async with desk.database.write() as tx:
            await told.keep(tx, self._hint(event), now=desk.clock.now())

    def _hint(self, event: Told) -> Hint:
        return Hint(
            self._deployment.payments.mode,
            event.id,
            event.type,
            event.account,
            event.about,
            event.body,
            0,
            event.at,
        )

    async def take(self, event: Delivered) -> bool:
        """The same of what came without a network; whether it was kept."""
        signature = (event.headers or {}).get("stripe-signature", "")
        try:
            await self.receive(event.content or b"", signature)
        except OneError as error:
            _log.warning("what was told isn't kept", error=error.message)
            return False
        return True

    async def paid(self, space: UUID, sale: UUID) -> None:
        """Looks whether a sale was paid, for who comes back from its page. Raises Outside."""
        async with self._deployment.desk.read(space, HERE, snapshot=False) as store:
            found = await find_sale(store.session, sale)
        if found is not None and found.state in UNPAID and found.checkout is not None:
            page = await self._deployment.payments.cashier.checkout(found.checkout)
            await self._look_at_page(page, {})

    async def catch_up(self, *, accounts: bool = True) -> int:
        """Asks what was told of late, and how accounts stand that aren't ready: for what got lost
        on the way; how much was new. `accounts`: what happened on people's own accounts, too.
        """
        desk, payments = self._deployment.desk, self._deployment.payments
        async with desk.database.read(snapshot=False) as tx:
            newest = await told.newest(tx, payments.mode)
            known = await accounts_of(tx, payments.mode, desk.spaces)
        for space, person, _, ready in known:
            if not ready:
                await self.onboarded(space, person)
        now = desk.clock.now()
        since = min(newest or now, now) - timedelta(days=2)
        whose = ["", *(account for _, _, account, _ in known)] if accounts else [""]
        events = [
            event for one in whose for event in await payments.cashier.events(since, account=one)
        ]
        async with desk.database.write() as tx:
            kept = [await told.keep(tx, self._hint(event), now=now) for event in events]
        return sum(kept)

    async def _follow(self, hint: Hint) -> None:
        """Looks where a hint points; what is early is looked at again."""
        desk = self._deployment.desk
        status, reason, due = "done", "", None
        try:
            await self._look(hint)
        except (Early, Outside) as error:
            reason = str(error)
            again = isinstance(error, Early) or error.retryable
            status = "early" if again and hint.attempts < GIVEN_UP else "failed"
            if status == "early":
                due = desk.clock.now() + EARLY * min(hint.attempts**2, 1_800)
        except Exception as error:
            _log.error("bug at what was told", hint=hint.id, exc_info=error)
            status, reason = "early", "It broke on our side."
            due = desk.clock.now() + timedelta(minutes=min(hint.attempts, 60))
        async with desk.database.write() as tx:
            await told.settle(tx, hint, status, reason=reason, due=due)  # pyright: ignore[reportArgumentType] # one of them

    async def _look(self, hint: Hint) -> None:
        cashier = self._deployment.payments.cashier
        kind, _, _ = hint.type.partition(".")
        data = hint.body.get("data")
        shown = data.get("object") if isinstance(data, dict) else None
        fields: dict[str, JsonValue] = shown if isinstance(shown, dict) else {}
        match kind:
            case "checkout":
                await self._look_at_page(await cashier.checkout(hint.about), fields)
            case "payment_intent":
                await self._look_at(await cashier.charge_of(hint.about))
            case "charge" if hint.type.startswith("charge.dispute"):
                await self._look_at(await cashier.charge(str(fields["charge"])))
            case "charge" if fields.get("object") == "charge":
                await self._look_at(await cashier.charge(hint.about))
            case "charge" | "refund" if fields.get("charge"):
                await self._look_at(await cashier.charge(str(fields["charge"])))
            case "account" if hint.type == "account.updated":
                await self._look_at_account(hint.about)
            case "payout" if hint.account:
                await self._look_at_payout(hint)
            case _:
                return

    async def _look_at_page(self, page: Checkout, fields: dict[str, JsonValue]) -> None:
        if page.paid and page.intent:
            await self._look_at(await self._deployment.payments.cashier.charge_of(page.intent))
        elif page.status == "expired":
            facts = fields.get("metadata")
            where = _where(facts if isinstance(facts, dict) else {})
            if where is None:
                return
            async with self._deployment.desk.write(where[0], HERE) as store:
                sale = await hold_sale(store.session, where[1])
                if sale is not None:
                    await expired(self._context(where[0], store), sale)

    async def _look_at(self, charge: Charge | None) -> None:
        """Raises Early where the sale isn't here."""
        if charge is None:
            return
        where = _where(charge.facts)
        if where is None or where[0] not in self._deployment.desk.spaces:
            return  # it is no sale of ours
        async with self._deployment.desk.write(where[0], HERE) as store:
            sale = await hold_sale(store.session, where[1])
            if sale is None:
                raise Early("Its sale isn't here yet.")
            await advance(self._context(where[0], store), sale, charge)

    async def _look_at_account(self, id: str) -> None:
        account = await self._deployment.payments.cashier.account(id)
        async with self._deployment.desk.database.read(snapshot=False) as tx:
            where = await person_of(tx, self._deployment.payments.mode, id)
        if where is None:
            raise Early("Its person isn't here yet.")
        async with self._deployment.desk.write(where[0], HERE) as store:
            await self._know(self._context(where[0], store), where[1], account)

    async def _know(self, ctx: Context, person: UUID, account: Account) -> None:
        """Keeps how an account stands; what was held for its person goes out once it is ready."""
        session, mode = ctx.store.session, self._deployment.payments.mode
        known = await payee(session, mode, person)
        country = known.country if known else ""
        now = Payee(
            person, account.id, country, account.ready, account.pays_out, list(account.missing)
        )
        if await change_payee(session, mode, now):
            await wanted.release(session, mode, person)

    async def _look_at_payout(self, hint: Hint) -> None:
        payments = self._deployment.payments
        found = await payments.cashier.payout(hint.account, hint.about)
        async with self._deployment.desk.database.read(snapshot=False) as tx:
            where = await person_of(tx, payments.mode, hint.account)
        if where is None:
            raise Early("Its person isn't here yet.")
        space, person = where
        what = About(payments.mode, found.currency)
        async with self._deployment.desk.write(space, HERE) as store:
            if hint.type in ("payout.paid", "payout.created", "payout.updated") or found.status in (
                "paid",
                "failed",
            ):
                await post(
                    store.session,
                    entries.payout(what, found.id, party=person, amount=found.amount),
                )
            if found.status in ("failed", "canceled"):
                await post(
                    store.session,
                    entries.payout_failed(what, found.id, party=person, amount=found.amount),
                )

    # --- what nobody paid

    async def _close(self, space: UUID, id: UUID) -> None:
        """A sale that wasn't paid in time is closed, and only then over."""
        async with self._deployment.desk.write(space, HERE) as store:
            sale = await hold_sale(store.session, id)
            if sale is None or sale.state in PAID:
                return
            await give_up(self._context(space, store), sale)
            await change_sale(
                store.session, id, expires_at=store.session.now + timedelta(minutes=5)
            )

    def _context(self, space: UUID, store: Store) -> Context:
        return Context(store, HERE, space, self._deployment)


def _where(facts: Mapping[str, object]) -> tuple[UUID, UUID] | None:
    """The space and the sale that something was made for."""
    try:
        return UUID(str(facts["space"])), UUID(str(facts["sale"]))
    except (KeyError, ValueError):
        return None
