# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail of four lists in four languages, as people write it: what the pages of tests/web are looked at with.

mailboxes() gives {list: bytes of an mbox}; MESSAGE and THREAD name messages that are looked at by their
Message-ID. All of it is made up.
"""
import datetime
import email.message
import email.policy
import email.utils
import struct
import zlib

BEGIN = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.timezone.utc)
LONG_THREAD = 230  # messages: three pages
MANY_THREADS = 210  # in one month: two pages

ANN, BOB, CARLA = "Ann Okafor <ann@access.example>", "Bob Meyer <bob@net.example>", "Carla Souza <carla@ngo.example>"
DEV, EVE, FAY = "Dev Rao <dev@uni.example>", "Eve Lindqvist <eve@bib.example>", "fay@island.example"
OMAR, LEILA, SAMI = "عمر حداد <omar@riqmi.example>", "ليلى منصور <leila@jamia.example>", "سامي العلي <sami@nadi.example>"
WANG, LI, CHEN = "王芳 <wang@xinxi.example>", "李伟 <li@daxue.example>", "陈静 <chen@tushuguan.example>"
LUC, AWA, ELSA = "Luc Ménard <luc@reseau.example>", "Awa Diop <awa@asso.example>", "Élise Roux <elise@biblio.example>"


def mid(name):
    return f"<{name}@client.example.org>"


class Box:
    """A mailbox in the making: mails an hour after each other."""

    def __init__(self, name, begin=BEGIN):
        self.name, self.when, self.bytes = name, begin, b""
        self.subjects, self.references = {}, {}

    def add(self, name, author, subject, text, parent=None, lost=None, days=0, **parts):
        """One mail; parent: the name of the one it answers; lost: the Message-ID of one that nobody has."""
        self.when += datetime.timedelta(hours=1, days=days)
        m = email.message.EmailMessage(policy=email.policy.SMTP.clone(linesep="\n", cte_type="8bit", max_line_length=998))
        if parent:
            subject = subject or "Re: " + self.subjects[parent]
        self.subjects[name] = (subject or "").removeprefix("Re: ")
        m["From"], m["To"], m["Subject"] = author, f"{self.name}@lists.example.org", subject
        m["Date"], m["Message-ID"] = email.utils.format_datetime(self.when), mid(name)
        chain = [*self.references.get(parent, []), mid(parent)] if parent else [lost] if lost else []
        self.references[name] = chain[-10:]
        if chain:
            m["In-Reply-To"], m["References"] = chain[-1], " ".join(chain[-10:])
        self.fill(m, text, **parts)
        self.append(m.as_bytes())

    @staticmethod
    def fill(m, text, html=None, picture=None, files=(), flowed=False, forwarded=None):
        """text None: HTML alone. picture: a PNG that the HTML shows as cid:picture@here."""
        if text is None:
            m.set_content(html, subtype="html", cte="8bit")
        else:
            m.set_content(text, cte="8bit")
        if flowed:
            m.set_param("format", "flowed")
        if html and text is not None:
            m.add_alternative(html, subtype="html", cte="8bit")
        if picture:
            m.add_related(picture, "image", "png", cid="<picture@here>", filename="rooms.png", disposition="inline")
        for name, kind, data in files:
            m.add_attachment(data, *kind.split("/"), filename=name)
        if forwarded:
            m.add_attachment(forwarded)

    def append(self, data):
        lines = [b">" + l if l.lstrip(b">").startswith(b"From ") else l for l in data.split(b"\n")]
        self.bytes += b"From somebody " + self.when.strftime("%a %b %e %H:%M:%S %Y").encode() + b"\n"
        self.bytes += b"\n".join(lines).rstrip(b"\n") + b"\n\n"


def answer(who, quoted, text):
    """A reply as most clients write it."""
    name = email.utils.parseaddr(who)[0] or who
    return f"{name} wrote:\n" + "".join(f"> {l}\n" for l in quoted.strip().split("\n")) + f"\n{text}\n"


# --- English ---------------------------------------------------------------------------------

CAPTIONS = """Dear all,

last year the captions of the main hall came forty seconds late and the small
rooms had none. I propose that we ask the hosts for three things:

* captions in every room, not only in the main hall,
* a text feed that can be read without the video,
* somebody at the desk who may decide.

The rules of 2024 are at https://example.org/access/rules-2024.html#captions
and nobody has read them.

-- 
Ann Okafor
Access and Inclusion Network
"""

REPLIES = [
    (2, 1, BOB, "I agree with all three. The text feed costs next to nothing: it is there already,\nonly nobody links to it."),
    (3, 1, CARLA, "May I add sign language to the list? It was promised in Kyoto and then forgotten."),
    (4, 2, DEV, "It is there, but it drops names in every script but Latin. See my message of May."),
    (5, 4, ANN, "Then we should name the software in the request. Which one was it?"),
    (6, 5, DEV, "I would rather name what it must do:\n\n1. any script,\n2. at most five seconds,\n3. a file afterwards."),
    (7, 6, EVE, "Number three matters most for libraries: a file can be searched."),
    (8, 7, BOB, "And corrected."),
    (9, 8, EVE, "By whom?"),
    (10, 9, BOB, "By those who spoke. Two weeks, then it is final."),
    (11, 3, FAY, "Sign language needs a second camera and a place that is lit. On our island we used a phone."),
    (12, 11, CARLA, "Is there a picture of how you did it?"),
    (13, 12, FAY, "None that I may share, but I can describe it. A chair, a lamp, a phone on books."),
    (14, 1, EVE, "Who is “the desk”? At the last meeting each of them sent us to another one."),
    (15, 14, ANN, "That is why it has to be somebody who may decide. I withdraw nothing."),
    (16, 14, CARLA, "+1"),
    (17, 1, DEV, "A minority view, to be recorded as such: three wishes are two too many. Ask for captions in every room, and nothing else."),
    (18, 17, BOB, "I understand the tactics, but the feed is what blind members use."),
    (19, 18, DEV, "Then I ask that the statement says so, with the reason."),
    (20, 17, ANN, "It will. Every dissenting view goes in, with its name if its author likes."),
]

NEWS_HTML = """<html><head><style>p{color:#fff;background:#fff}</style><script>alert(1)</script></head>
<body bgcolor="#eeeeee"><table width="600"><tr><td><h1>News of the coalition</h1>
<p onclick="evil()">Dear members, <b>the call is open</b> until <i>30 April</i>.
Read <a href="https://example.org/call">the call</a> or <a href="javascript:alert(2)">this</a>.</p>
<img src="https://tracker.example/open.gif" width="1" height="1"><img src="https://img.example/map.png" alt="Map of the rooms">
<ul><li>Captions<ul><li>in every room</li></ul></li><li>Sign language</li></ul>
<table border="1"><tr><th>Room</th><th>Captions</th><th>Sign language</th></tr>
<tr><td>Main hall</td><td>yes</td><td>yes</td></tr><tr><td>Room 2</td><td>yes</td><td>no</td></tr></table>
<blockquote>Nothing about us without us.</blockquote><pre>room 2   09:00   captions\nroom 3   10:30   captions, sign language, and a very long line that goes on and on beyond the screen</pre>
<h3>Where</h3><p style="color:#ddd;font-size:6px">Small and pale print that a sender wanted to hide.</p>
</td></tr></table></body></html>"""

PICTURE_HTML = """<html><body><p>The rooms are here:</p><p><img src="cid:picture@here" alt="Map: three rooms beside the hall"
width="300" height="120"></p><p>See you there.</p></body></html>"""

CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example//Calendar//EN\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
UID:captions-2@ngo.example\r
DTSTAMP:20260401T090000Z\r
DTSTART:20260512T130000Z\r
DTEND:20260512T143000Z\r
SUMMARY:Captions, round two\r
LOCATION:Room 2, and https://meet.example/captions\r
DESCRIPTION:Bring your wishes.\\nThe hosts will be there.\r
ORGANIZER;CN=Carla Souza:mailto:carla@ngo.example\r
END:VEVENT\r
END:VCALENDAR\r
"""

CARD = b"""BEGIN:VCARD\r
VERSION:4.0\r
FN:Carla Souza\r
ORG:Net for All\r
EMAIL:carla@ngo.example\r
URL:https://ngo.example/\r
END:VCARD\r
"""

ROOMS = b"room,captions,seats\r\nmain hall,yes,900\r\nroom 2,yes,120\r\nroom 3,no,80\r\n"


def png(width, height):
    """A picture of one colour."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\x0a\x5a\x73" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


PATCH = """Here is the change to the script that counts captions.

---
 count.c | 7 ++++---
 1 file changed, 4 insertions(+), 3 deletions(-)

diff --git a/count.c b/count.c
index 83db48f..bf269f4 100644
--- a/count.c
+++ b/count.c
@@ -10,7 +10,8 @@ static int count(const char *path, struct totals *totals)
 {
 	int n = 0;
 
-	while (next(path))
+	while (next(path, totals, /* a comment that makes this line a good deal longer than a phone is wide */ true))
 		n++;
+	totals->lines += n;
 	return n;
 }
-- 
2.39.2
"""

FLOWED = """This mail is written on a telephone, which breaks its lines softly, so that \neach reader sees them as wide as her own window is, and no narrower than \nthat.

> A quotation that flows as well, since it came from the same kind of \n> telephone a day before.

Yes.
"""

WIDE = "\n".join([
    "A link: https://example.org/" + "a-very-long-path-without-any-place-to-break-" * 6 + "?q=" + "x" * 120, "",
    "A word: " + "Donaudampfschifffahrtsgesellschaft" * 8, "",
    "+------------------+----------------------+---------------------------+----------------------------+",
    "| room             | captions             | sign language             | who decides about that     |",
    "+------------------+----------------------+---------------------------+----------------------------+",
    "| main hall        | yes                  | yes                       | the host                   |",
    "+------------------+----------------------+---------------------------+----------------------------+", ""])

QUOTED = "> > > A first one said this.\n> > A second one answered that.\n> A third one had doubts.\n" + \
    "".join(f"> Line {i} of a long quotation that nobody cut.\n" for i in range(40)) + "\nI agree.\n"

TROLL = "This is the message that was taken away: an address and a telephone number of somebody else.\n"


def english():
    box = Box("dc-access")
    for i in range(MANY_THREADS):
        box.add(f"note-{i}", (ANN, BOB, CARLA)[i % 3], f"Note {i + 1} on the rooms", f"Room {i + 1} has no captions.\n")
        box.when -= datetime.timedelta(minutes=50)
    box.when = BEGIN + datetime.timedelta(days=40)
    box.add("captions-1", ANN, "Captions at the annual meeting", CAPTIONS)
    texts = {1: (ANN, CAPTIONS)}
    for n, parent, who, text in REPLIES:
        texts[n] = (who, text)
        box.add(f"captions-{n}", who, None, answer(texts[parent][0], texts[parent][1].split("\n-- ")[0], text),
                parent=f"captions-{parent}")
    box.add("news", CARLA, "News of the coalition", None, html=NEWS_HTML)
    box.add("picture", EVE, "Where the rooms are", None, html=PICTURE_HTML, picture=png(300, 120))
    box.add("minutes", EVE, "Minutes, a picture and a recording", "Attached are the minutes.\n", files=[
        ("minutes of the meeting.pdf", "application/pdf", b"%PDF-1.4\n" + b"x" * 120000),
        ("room <2>.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"y" * 900),
        ("محضر.odt", "application/vnd.oasis.opendocument.text", b"z" * 5000)])
    box.add("invitation", CARLA, "Invitation: captions, round two", "You are invited.\n", files=[
        ("invite.ics", "text/calendar", CALENDAR), ("carla.vcf", "text/vcard", CARD), ("rooms.csv", "text/csv", ROOMS),
        ("notes.txt", "text/plain", b"Notes of the meeting:\n\n* captions\n* lamps\n")])
    box.add("patch", DEV, "[PATCH] count captions by line", PATCH)
    box.add("flowed", BOB, "Written on a telephone", FLOWED, flowed=True)
    box.add("wide", DEV, "Subject-without-a-place-to-break-" * 7, WIDE)
    box.add("quoted", EVE, "Re: Doubts", QUOTED, lost=mid("never-archived"))
    box.add("quoted-2", ANN, None, "So do I.\n", parent="quoted")
    inner = email.message.EmailMessage()
    inner["From"], inner["Subject"], inner["Date"] = BOB, "What the host wrote", email.utils.format_datetime(BEGIN)
    inner.set_content("We have three rooms with captions.\n")
    box.add("forward", ANN, "Fwd: What the host wrote", "For your information.\n", forwarded=inner)
    box.add("nothing", FAY, None, "No subject at all.\n")
    box.add("troll", "Somebody Else <else@rude.example>", "About one of us", TROLL)
    box.add("troll-2", CARLA, None, "Please do not post such things.\n", parent="troll")
    box.add("mixed", OMAR, "الترجمة الفورية / captions", "In two languages.\n\n" + ARABIC)
    box.add("roll-0", ANN, "Roll call", "Please answer with your name and your place.\n")
    for i in range(1, LONG_THREAD):
        box.add(f"roll-{i}", (BOB, CARLA, DEV, EVE)[i % 4], None, f"Here, number {i}.\n",
                parent=f"roll-{0 if i % 3 else i - 1}")
        box.when -= datetime.timedelta(minutes=40)
    return box


# --- the others --------------------------------------------------------------------------------

FRENCH = """Bonjour à toutes et à tous,

la prochaine réunion aura lieu le 12 mai à Dakar. Nous proposons trois sujets :

* l’accès dans les écoles,
* les contenus en langues africaines,
* les sous-titres – « en français, et pas seulement pour le français ».

Vos idées sont les bienvenues jusqu’au 20 avril.

-- 
Luc Ménard
"""

ARABIC = """السلام عليكم ورحمة الله،

نقترح أن يكون النص المكتوب متاحًا في كل القاعات، لا في القاعة الرئيسية وحدها.
وقد تأخر النص في العام الماضي أربعين ثانية، انظروا https://example.org/access/2024.

* النص في كل قاعة،
* رابط يُقرأ من دون الصورة،
* شخص يستطيع أن يقرر.

مع التحية
عمر
"""

CHINESE = """各位好：

去年主会场的字幕晚了四十秒，小会场完全没有字幕。我建议向主办方提出三点要求：

* 每个会场都要有字幕，不只是主会场；
* 提供可以单独阅读的文字链接；
* 服务台要有能做决定的人。

详情请看 https://example.org/access/2024 。

王芳
"""


def talk(name, subject, opening, people, replies, begin=BEGIN + datetime.timedelta(days=30)):
    """A list with one thread: replies are (number, parent, text)."""
    box = Box(name, begin)
    texts = {1: opening}
    box.add(f"{name}-1", people[0], subject, opening)
    for n, parent, text in replies:
        texts[n] = text
        box.add(f"{name}-{n}", people[(n - 1) % len(people)], None,
                answer(people[(parent - 1) % len(people)], texts[parent].split("\n-- ")[0], text), parent=f"{name}-{parent}")
    return box


def french():
    box = talk("dc-francophonie", "Réunion de mai à Dakar : ordre du jour", FRENCH, (LUC, AWA, ELSA), [
        (2, 1, "Merci, Luc. J’ajouterais la question des claviers : sans ɛ ni ɔ, comment écrire en bambara ?"),
        (3, 2, "Très juste. Nos bibliothèques ont fait une liste des caractères qui manquent."),
        (4, 3, "Pourriez-vous l’envoyer ici ? Elle manque à l’Unesco."),
        (5, 1, "Une voix contre : trois sujets en une heure, c’est trop. Gardons l’accès dans les écoles."),
        (6, 5, "Noté, et ce sera écrit dans le compte rendu.")])
    box.add("reconnu", AWA, "Retiré", "Un message retiré.\n")
    return box


def arabic():
    box = talk("dc-arabic", "النص المكتوب في الاجتماع السنوي", ARABIC, (OMAR, LEILA, SAMI), [
        (2, 1, "أوافق على النقاط الثلاث. الرابط موجود ولكن لا أحد يعرفه."),
        (3, 2, "هل يمكن إضافة لغة الإشارة؟ لقد وُعدنا بها في كيوتو (Kyoto) ثم نُسيت."),
        (4, 1, "رأي مخالف: ثلاثة مطالب كثيرة. لنطلب النص في كل قاعة فقط."),
        (5, 4, "سنسجل هذا الرأي في البيان مع سببه."),
        (6, 3, "نعم، نحتاج إلى مصباح وكرسي وهاتف.")])
    box.add("html-ar", LEILA, "أخبار التحالف", None,
            html="<html dir='rtl' lang='ar'><body><p>السلام عليكم،</p><p>الاجتماع يوم <b>الجمعة</b>.</p>"
                 "<ul><li>القاعة الأولى</li><li>القاعة الثانية</li></ul><p dir='ltr'>Meeting: Friday</p></body></html>")
    box.add("troll-ar", "سين <else@rude.example>", "عن أحدنا", "رسالة سُحبت.\n")
    return box


def chinese():
    box = talk("dc-chinese", "年会的字幕问题", CHINESE, (WANG, LI, CHEN), [
        (2, 1, "我同意这三点。文字链接其实已经有了，只是没有人知道。"),
        (3, 2, "可以加上手语吗？在京都答应过，后来忘了。"),
        (4, 1, "少数意见：三个要求太多了，只要求每个会场有字幕就好。"),
        (5, 4, "会把这个意见和理由写进声明。"),
        (6, 3, "需要一把椅子、一盏灯和一部手机。")])
    box.add("troll-zh", "某人 <else@rude.example>", "关于我们中的一位", "一封被撤回的信。\n")
    return box


LISTS = {
    "dc-access": {"title": "Dynamic Coalition on Access and Captions", "moderators": ["mod@example.org", "second@example.org"],
                  "appeals": ["ombud@example.org"],
                  "description": "Meetings that everybody can follow: captions, sign language, and rooms with a door wide enough."},
    "dc-francophonie": {"title": "Coalition dynamique pour un Internet francophone", "language": "fr",
                        "description": "Les langues, les contenus et les politiques du numérique, en français."},
    "dc-arabic": {"language": "ar", "title": "التحالف الدينامي للوصول بالعربية", "description": "اجتماعات يستطيع الجميع متابعتها: النص المكتوب ولغة الإشارة."},
    "dc-chinese": {"language": "zh", "title": "中文无障碍动态联盟", "description": "让每个人都能参加的会议：字幕、手语和无障碍会场。"},
    "dc-new": {"title": "Dynamic Coalition that nobody wrote to yet", "blocks":
               'group "Civil society" { seats = 3 }\n    group "Government" { seats = 2 }\n'
               '    speaker "ada@example.org" { name = "Ada Example" group = "Civil society" since = "2026-01-01" }\n'
               '    speaker "bo@example.org" { group = "Government" until = "2099-12-31" }'},
}
WITHDRAWN = {"dc-access": "troll", "dc-francophonie": "reconnu", "dc-arabic": "troll-ar", "dc-chinese": "troll-zh"}
OPENING = {"dc-access": "captions-1", "dc-francophonie": "dc-francophonie-1", "dc-arabic": "dc-arabic-1",
           "dc-chinese": "dc-chinese-1"}
REPLY = {"dc-access": "captions-6", "dc-francophonie": "dc-francophonie-3", "dc-arabic": "dc-arabic-3",
         "dc-chinese": "dc-chinese-3"}
WORD = {"dc-access": "captions", "dc-francophonie": "écoles", "dc-arabic": "القاعات", "dc-chinese": "字幕"}


def mailboxes():
    return {box.name: box.bytes for box in (english(), french(), arabic(), chinese())}
