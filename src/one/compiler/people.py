"""Words that name a person beside those of the ontology."""

MORE_PEOPLE = frozenset(
    {"actor", "actress", "alumnus", "applicant", "apprentice", "artist", "asker", "athlete"}
    | {"backer", "baker", "barista", "bassist", "beginner", "believer", "biker", "blogger"}
    | {"boarder", "bookworm", "boy", "bride", "brother", "buddy", "caller", "camper"}
    | {"candidate", "captain", "caregiver", "champion", "chatter", "chef", "child", "climber"}
    | {"coachee", "colleague", "comedian", "composer", "conductor", "contestant", "contributor"}
    | {"cook", "cosplayer", "coworker", "crafter", "cyclist", "dad", "dancer", "daughter"}
    | {"delegate", "dentist", "diner", "director", "diver", "doctor", "donor", "drinker"}
    | {"driver", "drummer", "editor", "employee", "enthusiast", "entrant", "beekeeper"}
    | {"exhibitor", "farmer", "father", "filmmaker", "finalist", "freelancer", "gamer"}
    | {"gardener", "girl", "grandparent", "groom", "guardian", "guitarist", "headteacher"}
    | {"helper", "hiker", "hobbyist", "homeowner", "husband", "intern", "interviewee"}
    | {"investor", "invitee", "inviter", "jogger", "journalist", "juror", "kid", "knitter"}
    | {"landlord", "leader", "lecturer", "librarian", "lurker", "man", "mentee", "mom"}
    | {"mother", "mum", "musician", "neighbor", "neighbour", "newcomer", "nominee", "novice"}
    | {"nurse", "organiser", "organizer", "painter", "pal", "parent", "passenger", "patient"}
    | {"patron", "payer", "peer", "performer", "photographer", "pianist", "pilgrim", "player"}
    | {"poet", "potter", "presenter", "principal", "producer", "professor", "pupil"}
    | {"purchaser", "raider", "rapper", "recipient", "referee", "renter", "resident"}
    | {"reviewer", "rider", "rookie", "runner", "sailor", "sculptor", "seeker", "sender"}
    | {"shopper", "sister", "skater", "skier", "somebody", "someone", "son", "speaker"}
    | {"spectator", "speedrunner", "sponsor", "staker", "streamer", "superfan", "surfer"}
    | {"swimmer", "teammate", "teen", "teenager", "tenant", "therapist", "tourist", "trainee"}
    | {"trainer", "traveler", "traveller", "treasurer", "tutor", "umpire", "vet", "veteran"}
    | {"vocalist", "volunteer", "voter", "waiter", "waitress", "walker", "winner", "woman"}
    | {"worker", "yogi", "youngster"}
)
