"""Features for tests of what is done with them: compiled from a text and made live, ungated."""

import hashlib
from uuid import UUID

from one.compiler import check_text
from one.compiler.sheet import sheet_of
from one.compiler.vocabulary import Vocabulary
from one.domains.features import FeatureShown, go_live
from one.ontology import Ontology
from one.providers.base import catalogue
from one.runtime import Context, Deployment
from one.settings import Settings
from one.store import Store
from one.store.revisions import Compiled, Revision, keep_revision, take_handle
from tests.world import STAFF, World

GREET = """FEATURE: Greet a fan

INPUT:
  - name: what to call them

OUTPUT:
  - greeting: what to say

SET greeting to "Hello [name]"
GIVE greeting
"""


def compiled(text: str, ontology: Ontology) -> Compiled:
    """What one text that compiles comes to."""
    words = Vocabulary(ontology, catalogue())
    (report,) = check_text(text, words).features
    assert report.outcome in {"compiled", "assumptions"}, report.diagnostics
    program = report.program.encoded()
    return Compiled(
        slug=report.name,
        title=report.title,
        text=text,
        digest=hashlib.sha256(program).hexdigest(),
        program=program,
        lines=report.lines,
        sheet=sheet_of(report.program, words).as_json(),
        vocabulary=ontology.digest,
        errors={},
    )


def context(world: World, store: Store) -> Context:
    return Context(store, STAFF, world.space, Deployment(Settings(mode="test"), world.desk))


async def kept(world: World, owner: UUID, text: str) -> Revision:
    async with world.write() as store:
        return await keep_revision(store.session, owner, compiled(text, world.desk.ontology))


async def live(world: World, owner: UUID, text: str, *, handle: str = "") -> FeatureShown:
    """A text's feature, live."""
    revision = await kept(world, owner, text)
    async with world.write() as store:
        if handle:
            assert await take_handle(store.session, owner, handle)
        return await go_live(context(world, store), revision, act="deployed")
