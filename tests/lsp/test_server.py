"""The editor's server through a real client, over a pipe."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from one.compiler.editing.outlining import COLOURS

pytestmark = pytest.mark.anyio

ONE = ["-c", "from one.cli import main; main()", "lsp"]
JOIN = """FEATURE: Join a choir
INPUT:
  - singer: who joins
CRAETE community called "Morgen 🎵 chor"
  SAVE AS choir
CONNECT singer to choir as member
NOTIFY singer ABOUT "🎵🎵" VIA emial
GIVE choir
"""


class Editor(LanguageClient):
    """Keeps what the server says of each document."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.said: dict[str, list[lsp.Diagnostic]] = {}
        self.told = asyncio.Event()
        self.messages: list[str] = []
        self.version = 0

        def publish(params: lsp.PublishDiagnosticsParams) -> None:
            self.said[params.uri] = list(params.diagnostics)
            self.told.set()

        def show(params: lsp.ShowMessageParams) -> None:
            self.messages.append(params.message)

        self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(publish)
        self.feature(lsp.WINDOW_SHOW_MESSAGE)(show)

    async def open(self, uri: str, text: str) -> list[lsp.Diagnostic]:
        item = lsp.TextDocumentItem(uri, "one", 0, text)
        self.told.clear()
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        await asyncio.wait_for(self.told.wait(), 30)
        return self.said[uri]

    async def change(self, uri: str, text: str) -> list[lsp.Diagnostic]:
        self.version += 1
        named = lsp.VersionedTextDocumentIdentifier(version=self.version, uri=uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.told.clear()
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(named, [change]))
        await asyncio.wait_for(self.told.wait(), 30)
        return self.said[uri]


@pytest.fixture(params=["utf-8", "utf-16", "utf-32"])
def encoding(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def editor(tmp_path: Path, encoding: str) -> AsyncGenerator[Editor]:
    (tmp_path / "greet.one").write_text(
        'FEATURE: Greet\nINPUT:\n  - guest: who\nNOTIFY guest ABOUT "Hello"\n'
    )
    editor = Editor()
    await editor.start_io(sys.executable, *ONE)  # pyright: ignore[reportUnknownMemberType] # open in pygls
    general = lsp.GeneralClientCapabilities(position_encodings=[lsp.PositionEncodingKind(encoding)])
    answer = await editor.initialize_async(
        lsp.InitializeParams(
            lsp.ClientCapabilities(general=general), root_uri=tmp_path.as_uri(), process_id=None
        )
    )
    assert answer.capabilities.position_encoding == encoding
    editor.initialized(lsp.InitializedParams())
    yield editor
    await editor.shutdown_async(None)
    editor.exit(None)
    await editor.stop()


def units(text: str, encoding: str) -> int:
    """How long a text is in the units of the encoding."""
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(text.encode(encoding.replace("-16", "-16-le").replace("-32", "-32-le"))) // size


def place(text: str, line: int, word: str, encoding: str) -> lsp.Position:
    """The first letter of a word on a line, from 0."""
    before = text.split("\n")[line].partition(word)[0]
    return lsp.Position(line, units(before, encoding))


def edits_of(actions: list[lsp.Command | lsp.CodeAction], uri: str) -> list[lsp.TextEdit]:
    (action,) = actions
    assert isinstance(action, lsp.CodeAction)
    assert action.edit is not None
    return list((action.edit.changes or {})[uri])


async def test_mistakes_are_told_as_one_types_and_fixed(
    editor: Editor, encoding: str, tmp_path: Path
) -> None:
    uri = (tmp_path / "join.one").as_uri()
    said = await editor.open(uri, JOIN)
    assert [one.code for one in said] == ["E201", "E205"]
    at = place(JOIN, 6, "emial", encoding)
    assert said[1].range == lsp.Range(at, lsp.Position(6, at.character + 5))
    named = lsp.TextDocumentIdentifier(uri)
    context = lsp.CodeActionContext([])
    actions = await editor.text_document_code_action_async(
        lsp.CodeActionParams(named, said[1].range, context)
    )
    quick = [one for one in actions or () if one.title == "Write email"]
    assert edits_of(quick, uri) == [lsp.TextEdit(said[1].range, "email")]
    left = await editor.change(uri, JOIN.replace("emial", "email"))
    assert [one.code for one in left] == ["E201"]
    whole = await editor.text_document_code_action_async(
        lsp.CodeActionParams(named, left[0].range, context)
    )
    assert {one.title for one in whole or ()} == {"Write CREATE", "Apply all safe fixes"}
    fixed = JOIN.replace("emial", "email").replace("CRAETE", "CREATE")
    assert [edit.new_text for edit in edits_of(list(whole or ())[1:], uri)] == [fixed]
    assert await editor.change(uri, fixed) == []


async def test_completion_hover_outline_and_colours_are_answered(
    editor: Editor, encoding: str, tmp_path: Path
) -> None:
    uri = (tmp_path / "join.one").as_uri()
    text = JOIN.replace("CRAETE", "CREATE").replace("emial", "email")
    assert await editor.open(uri, text) == []
    named = lsp.TextDocumentIdentifier(uri)
    end = place(text, 6, "email", encoding)
    offered = await editor.text_document_completion_async(lsp.CompletionParams(named, end))
    assert isinstance(offered, lsp.CompletionList)
    assert {"email", "push"} <= {one.label for one in offered.items}
    begun = lsp.Position(6, end.character + 2)
    offered = await editor.text_document_completion_async(lsp.CompletionParams(named, begun))
    assert isinstance(offered, lsp.CompletionList)
    (email,) = offered.items
    assert email.text_edit == lsp.TextEdit(lsp.Range(end, begun), "email")
    told = await editor.text_document_hover_async(
        lsp.HoverParams(named, place(text, 7, "choir", encoding))
    )
    assert told is not None
    assert isinstance(told.contents, lsp.MarkupContent)
    assert "**choir** a community" in told.contents.value
    parts = await editor.text_document_document_symbol_async(lsp.DocumentSymbolParams(named))
    assert [one.name for one in parts or ()] == ["Join a choir"]
    options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
    tidy = await editor.text_document_formatting_async(lsp.DocumentFormattingParams(named, options))
    assert list(tidy or ()) == []
    colours = await editor.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(named))
    assert colours is not None
    assert list(colours.data[:5]) == [0, 0, 7, COLOURS.index("keyword"), 0]
    assert len(colours.data) % 5 == 0


async def test_names_are_found_and_renamed(editor: Editor, encoding: str, tmp_path: Path) -> None:
    uri = (tmp_path / "join.one").as_uri()
    text = JOIN.replace("CRAETE", "CREATE").replace("emial", "email")
    await editor.open(uri, text)
    named = lsp.TextDocumentIdentifier(uri)
    here = place(text, 7, "choir", encoding)
    bound = await editor.text_document_definition_async(lsp.DefinitionParams(named, here))
    assert isinstance(bound, lsp.Location)
    assert bound.range.start == place(text, 4, "choir", encoding)
    uses = await editor.text_document_references_async(
        lsp.ReferenceParams(lsp.ReferenceContext(include_declaration=True), named, here)
    )
    assert [one.range.start.line for one in uses or ()] == [4, 5, 7]
    renamed = await editor.text_document_rename_async(
        lsp.RenameParams(named, here, new_name="group")
    )
    assert renamed is not None
    assert [edit.new_text for edit in (renamed.changes or {})[uri]] == ["group"] * 3
    refused = await editor.text_document_rename_async(
        lsp.RenameParams(named, here, new_name="singer")
    )
    assert refused is None
    assert "would change what is meant" in editor.messages[-1]


async def test_features_of_the_folder_are_known(editor: Editor, tmp_path: Path) -> None:
    uri = (tmp_path / "use.one").as_uri()
    text = 'FEATURE: Begin\nINPUT:\n  - fan: who joins\nUSE FEATURE "Greet" WITH guest fan\n'
    assert await editor.open(uri, text) == []
