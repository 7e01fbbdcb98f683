"""Words that people write for a command of another name."""

from collections.abc import Mapping

_WORDS = {
    "CREATE": "make build start open begin insert generate",
    "GET": "fetch load read list select look query show_me retrieve",
    "CHECK": "ensure verify require validate confirm assert make_sure",
    "CONNECT": "link join attach enroll enrol relate assign",
    "DISCONNECT": "unlink detach unfollow leave unsubscribe",
    "DELETE": "erase destroy drop discard",
    "UPDATE": "change edit modify alter adjust",
    "ADD": "increase increment raise credit",
    "SUBTRACT": "decrease decrement reduce deduct lower",
    "SEND": "write deliver",
    "NOTIFY": "email mail text message tell inform alert remind ping announce",
    "CALL": "ask invoke request use",
    "RECORD": "log note register",
    "REWARD": "grant award",
    "CALL Stripe to pay": "pay tip transfer payout split divide",
    "CALL Stripe to charge": "charge bill",
    "CALL Stripe to refund": "refund",
    "CALL Stripe to subscribe": "subscribe",
    "GIVE": "return answer respond output reply",
    "SHOW": "display print render",
    "WAIT": "pause sleep delay hold",
    "FOR EACH": "repeat loop foreach for while",
    "IF": "when unless",
    "REFER": "invite recommend",
    "TRACK": "measure monitor count",
    "TAG": "label mark categorize categorise",
    "SAVE": "store keep remember",
    "PUBLISH": "post release launch",
    "ARCHIVE": "hide retire",
    "RESTORE": "undelete recover",
}
_ABROAD = {
    "CHECK": "prüfe vérifier vérifie comprobar verificar verifica controlla",
    "CREATE": "erstelle créer crée crear criar crea",
    "GET": "hole obtenir obtenez obtener obter ottieni",
    "SEND": "sende schicke envoyer envoie enviar envía invia",
    "GIVE": "gib donner donne dar dame dai",
    "IF": "wenn falls si se als",
    "ELSE": "sonst sinon sino senão altrimenti",
    "WAIT": "warte attendre attends esperar espera aspetta",
    "FOR EACH": "für pour para per",
    "CALL": "rufe appeler appelle llamar chamar chiama",
    "SAVE": "speichere enregistrer guardar salvar salva",
    "NOTIFY": "benachrichtige notifier notificar avisar",
}
"""The commonest of them in other languages: the commands are English, the texts are anybody's."""
MEANT: Mapping[str, str] = {
    word: verb
    for said in (_ABROAD, _WORDS)
    for verb, words in said.items()
    for word in words.split()
    if "_" not in word
}
"""Such a word, in lower case → the command."""
