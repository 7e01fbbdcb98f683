"""The editor's server over stdio: translates between an editor and what the compiler can say.

Everything it answers comes from `compiler.editing`; columns go from code points to the encoding
that the editor chose and back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from one.compiler import FileReport, check_text
from one.compiler.diagnosis import Applies, Diagnostic, Edit, Fix, Severity
from one.compiler.editing.completing import completions_at
from one.compiler.editing.hovering import hover_at
from one.compiler.editing.naming import name_at, references, rename_at
from one.compiler.editing.outlining import COLOURS, Part, colours_of, parts_of
from one.compiler.editing.scene import Place, look
from one.compiler.editing.tidying import tidied
from one.compiler.mending import mend
from one.compiler.reader import Span, split_lines
from one.compiler.vocabulary import Vocabulary
from one.errors import Invalid
from one.settings import read_settings
from one.workshop.project import Project, feature_files, open_project, read_feature_file

SOURCE = "one"
_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.QUESTION: lsp.DiagnosticSeverity.Warning,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}
_KINDS = {
    "command": lsp.CompletionItemKind.Keyword,
    "part": lsp.CompletionItemKind.Keyword,
    "clause": lsp.CompletionItemKind.Keyword,
    "name": lsp.CompletionItemKind.Variable,
    "type": lsp.CompletionItemKind.Class,
    "service": lsp.CompletionItemKind.Module,
    "action": lsp.CompletionItemKind.Method,
    "key": lsp.CompletionItemKind.Property,
    "role": lsp.CompletionItemKind.EnumMember,
    "event": lsp.CompletionItemKind.Event,
    "word": lsp.CompletionItemKind.Text,
}
_SYMBOLS = {
    "feature": lsp.SymbolKind.Function,
    "input": lsp.SymbolKind.Variable,
    "output": lsp.SymbolKind.Variable,
    "trigger": lsp.SymbolKind.Event,
    "command": lsp.SymbolKind.Method,
}


@dataclass
class Desk:
    """What the server knows: the project around the editor and the last report of each file."""

    project: Project
    reports: dict[str, FileReport] = field(default_factory=dict[str, FileReport])

    def check(self, document: TextDocument) -> list[Diagnostic]:
        """Everything said of a document; its report is kept for the others."""
        report = check_text(document.source, self.words(document.uri), filename=document.uri)
        self.reports[document.uri] = report
        return [one for feature in report.features for one in feature.diagnostics]

    def words(self, uri: str) -> Vocabulary:
        """The vocabulary with the features of the project's other files."""
        return self.project.knowing(report for name, report in self.reports.items() if name != uri)

    def read_folder(self) -> None:
        """Checks the features on disk once, so that open files may use them."""
        for path in feature_files(self.project.folder):
            try:
                text = read_feature_file(path)
            except Invalid:
                continue
            uri = path.absolute().as_uri()
            self.reports.setdefault(uri, check_text(text, self.project.vocabulary, filename=uri))


@dataclass(frozen=True, slots=True)
class Text:
    """A document with its lines; turns places and spans between the editor's and ours."""

    document: TextDocument
    lines: Sequence[str]

    def place(self, position: lsp.Position) -> Place:
        line = self.lines[position.line] if position.line < len(self.lines) else ""
        units, column = 0, 0
        for character in line:
            if units >= position.character:
                break
            units += self.document.position_codec.client_num_units(character)
            column += 1
        return Place(position.line + 1, column + 1)

    def range(self, span: Span) -> lsp.Range:
        return lsp.Range(
            self.position(span.line, span.start), self.position(span.ending_line, span.end)
        )

    def position(self, line: int, column: int) -> lsp.Position:
        before = self.lines[line - 1][: column - 1] if line <= len(self.lines) else ""
        return lsp.Position(line - 1, self.document.position_codec.client_num_units(before))

    @property
    def whole(self) -> lsp.Range:
        last = self.position(len(self.lines), len(self.lines[-1]) + 1)
        return lsp.Range(lsp.Position(0, 0), last)

    def edits(self, edits: Iterable[Edit]) -> list[lsp.TextEdit]:
        return [lsp.TextEdit(self.range(edit.span), edit.text) for edit in edits]


def serve() -> None:
    """Serves an editor until it closes the pipe."""
    make().start_io()


def make() -> LanguageServer:
    """A server with every feature; its project is opened when the editor says where it is."""
    server = LanguageServer(  # whole texts, as pygls counts other lines than editors do
        "one", version("one"), text_document_sync_kind=lsp.TextDocumentSyncKind.Full
    )
    desk = Desk(_open(Path.cwd(), server))
    _documents(server, desk)
    _questions(server, desk)
    _looks(server, desk)
    _names(server, desk)
    return server


def _open(folder: Path, server: LanguageServer) -> Project:
    """The project of a folder; a wrong `ontology.toml` is told, and left out."""
    settings = read_settings()
    try:
        return open_project(settings, folder)
    except Invalid as error:
        said = " ".join([error.message, *(f"{one.pointer} {one.message}" for one in error.faults)])
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, said))
        return open_project(settings.model_copy(update={"ontology": Path("none")}), folder)


def _text(server: LanguageServer, uri: str) -> Text:
    document = server.workspace.get_text_document(uri)
    return Text(document, split_lines(document.source))


def _documents(server: LanguageServer, desk: Desk) -> None:
    """Opening, changing and closing: diagnostics as one types."""

    def publish(uri: str) -> None:
        text = _text(server, uri)
        said = [_diagnostic(text, one) for one in desk.check(text.document)]
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, said, text.document.version)
        )

    @server.feature(lsp.INITIALIZED)
    def initialized(params: lsp.InitializedParams) -> None:
        del params
        folder = to_fs_path(server.workspace.root_uri or "")
        if folder:
            desk.project = _open(Path(folder), server)
            desk.read_folder()

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        desk.project = _open(desk.project.folder, server)
        publish(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(params.text_document.uri, [])
        )

    _ = (initialized, opened, changed, saved, closed)


def _questions(server: LanguageServer, desk: Desk) -> None:
    """Fixes, completion, hover."""

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll]),
    )
    def fixes(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        text = _text(server, params.text_document.uri)
        found = desk.check(text.document)
        actions = [
            _quick(text, one, fix)
            for one in found
            if _touch(text.range(one.span), params.range)
            for fix in one.fixes
        ]
        return [*actions, *_fix_all(text, found, lambda: desk.words(text.document.uri))]

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[" ", "[", "{"])
    )
    def complete(params: lsp.CompletionParams) -> lsp.CompletionList:
        text = _text(server, params.text_document.uri)
        words = desk.words(text.document.uri)
        found = completions_at(text.document.source, text.place(params.position), vocabulary=words)
        where = text.range(found.span)
        return lsp.CompletionList(
            is_incomplete=True,
            items=[
                lsp.CompletionItem(
                    one.label,
                    kind=_KINDS[one.kind],
                    detail=one.detail or None,
                    documentation=_markdown(one.doc) if one.doc else None,
                    sort_text=f"{number:04}",
                    text_edit=lsp.TextEdit(where, one.label),
                )
                for number, one in enumerate(found.items)
            ],
        )

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        text = _text(server, params.text_document.uri)
        words = desk.words(text.document.uri)
        found = hover_at(text.document.source, text.place(params.position), vocabulary=words)
        return lsp.Hover(_markdown(found.text), text.range(found.span)) if found else None

    _ = (fixes, complete, hover)


def _looks(server: LanguageServer, desk: Desk) -> None:
    """Outline, colours, layout."""

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outline(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        text = _text(server, params.text_document.uri)
        return [_symbol(text, part) for part in parts_of(text.document.source)]

    @server.feature(
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, lsp.SemanticTokensLegend(list(COLOURS), [])
    )
    def colours(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        text = _text(server, params.text_document.uri)
        words = desk.words(text.document.uri)
        data: list[int] = []
        line = start = 0
        for one in colours_of(text.document.source, words):
            where = text.range(one.span)
            down = where.start.line - line
            along = where.start.character - (0 if down else start)
            length = where.end.character - where.start.character
            data += [down, along, length, COLOURS.index(one.colour), 0]
            line, start = where.start.line, where.start.character
        return lsp.SemanticTokens(data)

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def tidy(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        text = _text(server, params.text_document.uri)
        after = tidied(text.document.source)
        return [] if after == text.document.source else [lsp.TextEdit(text.whole, after)]

    _ = (outline, colours, tidy)


def _names(server: LanguageServer, desk: Desk) -> None:
    """Where a name comes from, where it is used, and another name for it."""

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> lsp.Location | None:
        text = _text(server, params.text_document.uri)
        scene = look(text.document.source, desk.words(text.document.uri))
        named = name_at(scene, text.place(params.position))
        return lsp.Location(text.document.uri, text.range(named.bound)) if named else None

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def uses(params: lsp.ReferenceParams) -> list[lsp.Location]:
        text = _text(server, params.text_document.uri)
        words = desk.words(text.document.uri)
        found = references(text.document.source, text.place(params.position), vocabulary=words)
        return [lsp.Location(text.document.uri, text.range(span)) for span in found]

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def renamed(params: lsp.PrepareRenameParams) -> lsp.Range | None:
        text = _text(server, params.text_document.uri)
        scene = look(text.document.source, desk.words(text.document.uri))
        named = name_at(scene, text.place(params.position))
        return text.range(named.span) if named else None

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        text = _text(server, params.text_document.uri)
        words = desk.words(text.document.uri)
        place = text.place(params.position)
        edits = rename_at(text.document.source, place, new=params.new_name, vocabulary=words)
        if edits is None:
            said = f"“{params.new_name}” can't be the name here: it would change what is meant."
            server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, said))
            return None
        return lsp.WorkspaceEdit({text.document.uri: text.edits(edits)})

    _ = (definition, uses, renamed, rename)


def _diagnostic(text: Text, one: Diagnostic) -> lsp.Diagnostic:
    said = f"{one.message} {one.why}".strip()
    severity = _SEVERITIES[one.severity]
    return lsp.Diagnostic(text.range(one.span), said, severity, one.code, source=SOURCE)


def _quick(text: Text, one: Diagnostic, fix: Fix) -> lsp.CodeAction:
    return lsp.CodeAction(
        fix.title,
        lsp.CodeActionKind.QuickFix,
        [_diagnostic(text, one)],
        is_preferred=fix.applies is Applies.SAFE,
        edit=lsp.WorkspaceEdit({text.document.uri: text.edits(fix.edits)}),
    )


def _fix_all(
    text: Text, found: Sequence[Diagnostic], words: Callable[[], Vocabulary]
) -> list[lsp.CodeAction]:
    """All safe fixes at once, when there are any."""
    if not any(fix.applies is Applies.SAFE for one in found for fix in one.fixes):
        return []
    vocabulary = words()

    def check(source: str) -> list[Diagnostic]:
        report = check_text(source, vocabulary)
        return [one for feature in report.features for one in feature.diagnostics]

    mended = mend(text.document.source, check, safe=True)
    edit = lsp.TextEdit(text.whole, mended.text)
    return [
        lsp.CodeAction(
            "Apply all safe fixes",
            lsp.CodeActionKind.SourceFixAll,
            edit=lsp.WorkspaceEdit({text.document.uri: [edit]}),
        )
    ]


def _touch(one: lsp.Range, other: lsp.Range) -> bool:
    return not (one.end < other.start or other.end < one.start)


def _symbol(text: Text, part: Part) -> lsp.DocumentSymbol:
    chosen = text.range(part.span)
    last = max(part.last, part.span.ending_line)
    raw = text.lines[last - 1] if last <= len(text.lines) else ""
    return lsp.DocumentSymbol(
        part.name or part.kind,
        _SYMBOLS[part.kind],
        lsp.Range(chosen.start, max(chosen.end, text.position(last, len(raw) + 1))),
        chosen,
        children=[_symbol(text, inner) for inner in part.inside],
    )


def _markdown(said: str) -> lsp.MarkupContent:
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, said)
