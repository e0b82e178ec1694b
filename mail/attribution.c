/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attribution: tables of what mailers write. ASCII letters match in any case, others as they stand
 * (each is written in the case that mailers use). A word alone proves nothing: an attribution has a
 * verb and a colon at its end, and a date or an address unless it is short.
 */
#include "mail/attribution.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define ATTRIBUTION_MAX 500 /* bytes; with long names and addresses they stay under 300 */
#define SHORT_MAX 70        /* "Jane Doe wrote:" */
#define LABEL_MAX 400
#define DEVICE_MAX 50
#define RULE_MIN 20 /* signs */

static const char *const verbs[] = {
    "wrote",
    "writes",
    "schrieb",
    "schrieben",
    "a écrit",
    "a ecrit",
    "écrit",
    "escribió",
    "escribio",
    "escrigué",
    "escreveu",
    "ha scritto",
    "scrisse",
    "schreef",
    "het volgende geschreven",
    "skrev",
    "skreiv",
    "kirjoitti",
    "napisał",
    "napisala",
    "napisal",
    "napísal",
    "napisao",
    "pisze",
    "je napisao",
    "írta",
    "a scris",
    "yazdı",
    "şunları yazdı",
    "написал",
    "написала",
    "пишет",
    "пише",
    "написав",
    "написа",
    "έγραψε",
    "đã viết",
    "menulis",
    "כתב",
    "כתבה",
    "كتب",
    "كتبت",
    "نوشت",
    "写道",
    "写到",
    "寫道",
    "さんは書きました",
    "さんが書きました",
    "書きました",
    "wrote",
    "님이 작성",
    "님이 쓴 글",
    "작성:",
    "เขียน",
    "skribis",
    "idatzi zuen",
    "kirjutas",
    "rakstīja",
    "rašė",
    "ysgrifennodd",
};

/* What attributions begin with. */
static const char *const openers[] = {
    "On ",    "Le ",      "Am ",        "El ",      "Em ",      "Il ",      "Op ",        "Den ",
    "På ",    "W dniu ",  "Dnia ",      "Dne ",     "Dana ",    "V ",       "В ",         "Во ",
    "Στις ",  "Στα ",     "Vào ",       "Pada ",    "Ngày ",    "في ",      "بتاريخ ",    "در ",
    "ב-",     "בתאריך ",  "在",         "于",       "於",       "Tarih",    "Il giorno ", "Data ",
    "Em qua", "Quoting ", "Zitat von ", "Citando ", "Citerar ", "Citeren ", "Selon ",     "Цитат",
    "Begin ", "Il dom",   "Den ",
};

/* Horde and others: "Quoting Jane Doe <jane@example.org>:", without a verb behind. */
static const char *const quoting[] = {
    "Quoting ", "Zitat von ", "Citando a ", "Citando ",     "Citerar ",    "Citeren ",
    "Selon ",   "Citát: ",    "Cytowanie ", "In reply to ", "In article ",
};

static const char *const separators[] = {
    "original message",
    "original-nachricht",
    "ursprüngliche nachricht",
    "ursprungliche nachricht",
    "originalnachricht",
    "message d'origine",
    "message d’origine",
    "message original",
    "mensaje original",
    "mensagem original",
    "messaggio originale",
    "oorspronkelijk bericht",
    "originele bericht",
    "oprindelig meddelelse",
    "opprinnelig melding",
    "ursprungligt meddelande",
    "originalmeddelande",
    "alkuperäinen viesti",
    "исходное сообщение",
    "Исходное сообщение",
    "Оригинальное сообщение",
    "Початкове повідомлення",
    "wiadomość oryginalna",
    "oryginalna wiadomość",
    "původní zpráva",
    "eredeti üzenet",
    "mesaj original",
    "orijinal ileti",
    "özgün ileti",
    "Αρχικό μήνυμα",
    "原始邮件",
    "原始郵件",
    "原邮件",
    "原始信件",
    "元のメッセージ",
    "원본 메시지",
    "원본 메일",
    "الرسالة الأصلية",
    "رسالة أصلية",
    "پیام اصلی",
    "הודעה מקורית",
    "thư gốc",
    "tin nhắn gốc",
    "pesan asli",
    "antwort an",
};

struct label {
	const char *text;
	unsigned bit;
};

static const struct label labels[] = {
    {"from", ATTRIBUTION_FROM},
    {"von", ATTRIBUTION_FROM},
    {"de", ATTRIBUTION_FROM},
    {"da", ATTRIBUTION_FROM},
    {"van", ATTRIBUTION_FROM},
    {"fra", ATTRIBUTION_FROM},
    {"från", ATTRIBUTION_FROM},
    {"lähettäjä", ATTRIBUTION_FROM},
    {"od", ATTRIBUTION_FROM},
    {"kimden", ATTRIBUTION_FROM},
    {"feladó", ATTRIBUTION_FROM},
    {"От", ATTRIBUTION_FROM},
    {"Від", ATTRIBUTION_FROM},
    {"Από", ATTRIBUTION_FROM},
    {"发件人", ATTRIBUTION_FROM},
    {"寄件者", ATTRIBUTION_FROM},
    {"差出人", ATTRIBUTION_FROM},
    {"보낸 사람", ATTRIBUTION_FROM},
    {"من", ATTRIBUTION_FROM},
    {"از", ATTRIBUTION_FROM},
    {"מאת", ATTRIBUTION_FROM},
    {"Từ", ATTRIBUTION_FROM},
    {"dari", ATTRIBUTION_FROM},
    {"sent", ATTRIBUTION_DATE},
    {"date", ATTRIBUTION_DATE},
    {"gesendet", ATTRIBUTION_DATE},
    {"datum", ATTRIBUTION_DATE},
    {"envoyé", ATTRIBUTION_DATE},
    {"envoye", ATTRIBUTION_DATE},
    {"envoyé le", ATTRIBUTION_DATE},
    {"enviado", ATTRIBUTION_DATE},
    {"enviado el", ATTRIBUTION_DATE},
    {"enviada em", ATTRIBUTION_DATE},
    {"fecha", ATTRIBUTION_DATE},
    {"data", ATTRIBUTION_DATE},
    {"inviato", ATTRIBUTION_DATE},
    {"verzonden", ATTRIBUTION_DATE},
    {"sendt", ATTRIBUTION_DATE},
    {"skickat", ATTRIBUTION_DATE},
    {"dato", ATTRIBUTION_DATE},
    {"lähetetty", ATTRIBUTION_DATE},
    {"wysłano", ATTRIBUTION_DATE},
    {"odesláno", ATTRIBUTION_DATE},
    {"gönderildi", ATTRIBUTION_DATE},
    {"tarih", ATTRIBUTION_DATE},
    {"Отправлено", ATTRIBUTION_DATE},
    {"Дата", ATTRIBUTION_DATE},
    {"Надіслано", ATTRIBUTION_DATE},
    {"Ημερομηνία", ATTRIBUTION_DATE},
    {"发送时间", ATTRIBUTION_DATE},
    {"发送日期", ATTRIBUTION_DATE},
    {"日期", ATTRIBUTION_DATE},
    {"寄件日期", ATTRIBUTION_DATE},
    {"送信日時", ATTRIBUTION_DATE},
    {"日付", ATTRIBUTION_DATE},
    {"보낸 날짜", ATTRIBUTION_DATE},
    {"날짜", ATTRIBUTION_DATE},
    {"تاريخ الإرسال", ATTRIBUTION_DATE},
    {"التاريخ", ATTRIBUTION_DATE},
    {"تاریخ", ATTRIBUTION_DATE},
    {"נשלח", ATTRIBUTION_DATE},
    {"Ngày", ATTRIBUTION_DATE},
    {"to", ATTRIBUTION_TO},
    {"an", ATTRIBUTION_TO},
    {"à", ATTRIBUTION_TO},
    {"À", ATTRIBUTION_TO},
    {"para", ATTRIBUTION_TO},
    {"a", ATTRIBUTION_TO},
    {"aan", ATTRIBUTION_TO},
    {"til", ATTRIBUTION_TO},
    {"till", ATTRIBUTION_TO},
    {"do", ATTRIBUTION_TO},
    {"komu", ATTRIBUTION_TO},
    {"kime", ATTRIBUTION_TO},
    {"vastaanottaja", ATTRIBUTION_TO},
    {"Кому", ATTRIBUTION_TO},
    {"Προς", ATTRIBUTION_TO},
    {"收件人", ATTRIBUTION_TO},
    {"收件者", ATTRIBUTION_TO},
    {"宛先", ATTRIBUTION_TO},
    {"받는 사람", ATTRIBUTION_TO},
    {"إلى", ATTRIBUTION_TO},
    {"به", ATTRIBUTION_TO},
    {"אל", ATTRIBUTION_TO},
    {"cc", ATTRIBUTION_TO},
    {"subject", ATTRIBUTION_SUBJECT},
    {"betreff", ATTRIBUTION_SUBJECT},
    {"objet", ATTRIBUTION_SUBJECT},
    {"asunto", ATTRIBUTION_SUBJECT},
    {"assunto", ATTRIBUTION_SUBJECT},
    {"oggetto", ATTRIBUTION_SUBJECT},
    {"onderwerp", ATTRIBUTION_SUBJECT},
    {"emne", ATTRIBUTION_SUBJECT},
    {"ämne", ATTRIBUTION_SUBJECT},
    {"Ämne", ATTRIBUTION_SUBJECT},
    {"aihe", ATTRIBUTION_SUBJECT},
    {"temat", ATTRIBUTION_SUBJECT},
    {"předmět", ATTRIBUTION_SUBJECT},
    {"konu", ATTRIBUTION_SUBJECT},
    {"tárgy", ATTRIBUTION_SUBJECT},
    {"Тема", ATTRIBUTION_SUBJECT},
    {"Θέμα", ATTRIBUTION_SUBJECT},
    {"主题", ATTRIBUTION_SUBJECT},
    {"主題", ATTRIBUTION_SUBJECT},
    {"主旨", ATTRIBUTION_SUBJECT},
    {"件名", ATTRIBUTION_SUBJECT},
    {"제목", ATTRIBUTION_SUBJECT},
    {"الموضوع", ATTRIBUTION_SUBJECT},
    {"موضوع", ATTRIBUTION_SUBJECT},
    {"נושא", ATTRIBUTION_SUBJECT},
    {"Chủ đề", ATTRIBUTION_SUBJECT},
};

static const char *const inline_words[] = {
    "inline",    "in-line",    "in line",    "below",    "interspersed", "between the lines",
    "unten",     "dazwischen", "ci-dessous", "dessous",  "abajo",        "abaixo",
    "qui sotto", "hieronder",  "nedan",      "nedenfor", "ниже",         "poniżej",
    "下面",      "以下",       "아래",       "أدناه",    "aşağıda",      "in rot",
    "in red",    "in blue",    "en rouge",   "en rojo",  "[jd]",         "FYI",
};

static const char *const forwards[] = {
    "forwarded message",
    "weitergeleitete nachricht",
    "message transféré",
    "message transmis",
    "mensaje reenviado",
    "mensagem encaminhada",
    "mensagem reencaminhada",
    "messaggio inoltrato",
    "doorgestuurd bericht",
    "videresendt",
    "vidarebefordrat",
    "välitetty viesti",
    "przekazana wiadomość",
    "přeposlaná zpráva",
    "Пересылаемое сообщение",
    "пересланное сообщение",
    "Пересланное сообщение",
    "переслане повідомлення",
    "iletilen ileti",
    "转发邮件",
    "转发的邮件",
    "轉寄郵件",
    "転送メッセージ",
    "전달된 메시지",
    "رسالة معاد توجيهها",
    "پیام فوروارد شده",
    "הודעה שהועברה",
    "mesej dimajukan",
    "pesan terusan",
};

static const char *const devices[] = {
    "Sent from my ",
    "Sent from Mail for ",
    "Sent from Yahoo",
    "Sent via ",
    "Sent with ",
    "Get Outlook for ",
    "Von meinem ",
    "Gesendet von ",
    "Gesendet mit ",
    "Envoyé de mon ",
    "Envoyé depuis ",
    "Envoyé à partir de ",
    "Télécharger Outlook",
    "Obtenez Outlook",
    "Enviado desde mi ",
    "Enviado desde ",
    "Enviado do meu ",
    "Enviado via ",
    "Obtener Outlook",
    "Obter o Outlook",
    "Inviato da ",
    "Verzonden vanaf ",
    "Verstuurd vanaf ",
    "Skickat från ",
    "Sendt fra ",
    "Lähetetty ",
    "Wysłane z ",
    "Odesláno z ",
    "Отправлено с ",
    "Отправлено из ",
    "Надіслано з ",
    "发自我的",
    "从我的",
    "從我的",
    "寄自我的",
    "傳送自我的",
    "iPhoneから送信",
    "私の",
    "나의 ",
    "أرسلت من ",
    "تم الإرسال من ",
    "ارسال از ",
    "iPhone'umdan gönderildi",
    "Εστάλη από ",
    "נשלח מה",
    "Đã gửi từ ",
    "Dikirim dari ",
    "Trimis de pe ",
};

/* One of these must be named: "Sent from my desk" is somebody's own words. */
static const char *const products[] = {
    "phone",  "ipad",       "ipod",      "blackberry", "samsung", "galaxy",   "android", "windows",
    "huawei", "xiaomi",     "redmi",     "nokia",      "pixel",   "motorola", "oneplus", "oppo",
    "mobile", "mobil",      "móvil",     "tablet",     "outlook", "mail",     "proton",  "yahoo",
    "gmail",  "smartphone", "téléphone", "celular",    "handy",   "telefon",  "kindle",  "手机",
    "手機",   "컴퓨터",     "هاتف",      "گوشی",
};

static const char *const footers[] = {
    "mailing list",       "mailman/listinfo", "mailman/options",   "/listinfo/",
    "unsubscribe",        "googlegroups.com", "listserv",          "/mailman3/",
    "postorius",          "groups.io",        "lists.sourceforge", "-leave@",
    "liste de diffusion", "mailingliste",     "mailinglist",       "lista de correo",
    "lista de discussão", "abmelden",         "désinscri",         "darse de baja",
};

static bool
starts_any(struct slice s, const char *const *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_starts_ci(s, slice_str(table[i])))
			return true;
	return false;
}

static bool
has_any(struct slice s, const char *const *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_find_ci(s, slice_str(table[i])) < s.n)
			return true;
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
has_time(struct slice s)
{
	for (size_t i = 1; i + 2 < s.n; i++)
		if (s.p[i] == ':' && is_digit(s.p[i - 1]) && is_digit(s.p[i + 1]) &&
		    is_digit(s.p[i + 2]))
			return true;
	return false;
}

/* A year, a time, or an address: what a sentence that happens to say "wrote:" rarely has. */
static bool
has_evidence(struct slice s)
{
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		digits = is_digit(s.p[i]) ? digits + 1 : 0;
		if (s.p[i] == '@' || digits == 4)
			return true;
	}
	return has_time(s);
}

static bool
ends_in_colon(struct slice s)
{
	static const char *const colons[] = {":", "：", ": »", ":\xc2\xa0"};
	for (size_t i = 0; i < COUNT(colons); i++)
		if (slice_ends_ci(s, slice_str(colons[i])))
			return true;
	return false;
}

static bool
ends_in_verb(struct slice s)
{
	while (s.n > 0 && (s.p[s.n - 1] == ':' || s.p[s.n - 1] == ' '))
		s.n--;
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (slice_ends_ci(s, slice_str(verbs[i])))
			return true;
	return false;
}

/* A time, or four digits that could be a year. */
static bool
has_date(struct slice s)
{
	size_t digits = 0;
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && is_digit(s.p[i])) {
			digits++;
			continue;
		}
		if (digits == 4 && (s.p[i - 4] == '1' || s.p[i - 4] == '2'))
			return true;
		digits = 0;
	}
	return has_time(s);
}

bool
attribution_opens(struct slice line)
{
	line = slice_trim(line);
	bool date = line.n > 8 && is_digit(line.p[0]) && has_evidence(line);
	return date || (starts_any(line, openers, COUNT(openers)) && has_evidence(line));
}

bool
attribution_is(struct slice text)
{
	text = slice_trim(text);
	if (text.n == 0 || text.n > ATTRIBUTION_MAX)
		return false;
	bool colon = ends_in_colon(text);
	bool verb = has_any(text, verbs, COUNT(verbs));
	bool evidence = has_evidence(text);
	if (colon && verb && (evidence || text.n <= SHORT_MAX))
		return true;
	if (colon && starts_any(text, quoting, COUNT(quoting)))
		return true;
	if (slice_ends_ci(text, SLICE(">:")) && slice_find_char(text, '<') < text.n && evidence)
		return true; /* "сб, 11 мая 2019 г. в 23:19, Jane <jane@example.org>:" */
	bool address = memchr(text.p, '@', text.n) != NULL;
	bool closed = colon || text.p[text.n - 1] == '>';
	if (colon && address && has_time(text)) /* "Jan 24, 2021, 03:40 by jane@example.org:" */
		return true;
	if (closed && address && is_digit(text.p[0]) && evidence) /* "2012/5/5 Jane <j@x>" */
		return true;
	return verb && evidence && attribution_opens(text);
}

/* "On … john@example.org wrote" and "---- On … wrote ----" lost or hid their colon. */
bool
attribution_is_plain(struct slice text)
{
	text = slice_trim(text);
	while (text.n > 0 && (text.p[0] == '-' || text.p[0] == ' '))
		text = slice_from(text, 1);
	while (text.n > 0 && (text.p[text.n - 1] == '-' || text.p[text.n - 1] == ' '))
		text.n--;
	if (text.n == 0 || text.n > ATTRIBUTION_MAX)
		return false;
	bool address = memchr(text.p, '@', text.n) != NULL;
	bool colon = ends_in_colon(text);
	if (attribution_opens(text) && has_any(text, verbs, COUNT(verbs)))
		return colon || (address && ends_in_verb(text));
	return colon && address && has_date(text) &&
	       (ends_in_verb(text) || slice_ends_ci(text, SLICE(">:")));
}

bool
attribution_is_rule(struct slice line)
{
	line = slice_trim(line);
	if (line.n < RULE_MIN)
		return false;
	for (size_t i = 0; i < line.n; i++)
		if (!memchr("_-=*~", line.p[i], 5))
			return false;
	return true;
}

bool
attribution_is_separator(struct slice line)
{
	line = slice_trim(line);
	size_t marks = 0;
	while (marks < line.n && (line.p[marks] == '-' || line.p[marks] == '_'))
		marks++;
	if (marks < 2)
		return false;
	line = slice_trim(slice_from(line, marks));
	while (line.n > 0 && (line.p[line.n - 1] == '-' || line.p[line.n - 1] == '_'))
		line.n--;
	line = slice_trim(line);
	for (size_t i = 0; i < COUNT(separators); i++)
		if (slice_eq_ci(line, slice_str(separators[i])))
			return true;
	return false;
}

bool
attribution_is_forward(struct slice line)
{
	line = slice_trim(line);
	return line.n <= SHORT_MAX && has_any(line, forwards, COUNT(forwards));
}

/* "*From:* x" is how bold is written in plain text. */
unsigned
attribution_label(struct slice line)
{
	line = slice_trim(line);
	if (line.n > 0 && line.p[0] == '*')
		line = slice_from(line, 1);
	if (line.n > LABEL_MAX ||
	    (slice_find_char(line, ':') == line.n && slice_find(line, SLICE("：")) == line.n))
		return 0; /* almost all lines */
	for (size_t i = 0; i < COUNT(labels); i++) {
		struct slice text = slice_str(labels[i].text);
		if (!slice_starts_ci(line, text))
			continue;
		struct slice rest = slice_trim(slice_from(line, text.n));
		if (slice_starts(rest, SLICE("\xc2\xa0")))
			rest = slice_from(rest, 2);
		if (slice_starts(rest, SLICE(":")) || slice_starts(rest, SLICE("：")) ||
		    slice_starts(rest, SLICE("*:")))
			return labels[i].bit;
	}
	return 0;
}

bool
attribution_says_inline(struct slice line)
{
	return has_any(line, inline_words, COUNT(inline_words));
}

bool
attribution_is_device(struct slice line)
{
	line = slice_trim(line);
	while (line.n > 0 && (line.p[0] == '-' || line.p[0] == '<' || line.p[0] == ' '))
		line = slice_from(line, 1);
	line.n = slice_find_char(line, '<'); /* a shop's address may follow */
	return line.n <= DEVICE_MAX && starts_any(line, devices, COUNT(devices)) &&
	       has_any(line, products, COUNT(products));
}

bool
attribution_is_footer(struct slice line)
{
	return has_any(line, footers, COUNT(footers));
}
