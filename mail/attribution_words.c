/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attribution_words: see attribution_words.h. Each word is written in the case that mailers use.
 */
#include "mail/attribution_words.h"

#include "mail/attribution.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

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

static const struct attribution_word_label labels[] = {
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

static const char *const inlines[] = {
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

const struct attribution_words attribution_verbs = {verbs, COUNT(verbs)};
const struct attribution_words attribution_openers = {openers, COUNT(openers)};
const struct attribution_words attribution_quoting = {quoting, COUNT(quoting)};
const struct attribution_words attribution_separators = {separators, COUNT(separators)};
const struct attribution_words attribution_inlines = {inlines, COUNT(inlines)};
const struct attribution_words attribution_forwards = {forwards, COUNT(forwards)};
const struct attribution_words attribution_devices = {devices, COUNT(devices)};
const struct attribution_words attribution_products = {products, COUNT(products)};
const struct attribution_words attribution_footers = {footers, COUNT(footers)};
const struct attribution_word_label *const attribution_labels = labels;
const size_t attribution_nlabels = COUNT(labels);

bool
attribution_words_begin(const struct attribution_words *w, struct slice s)
{
	for (size_t i = 0; i < w->n; i++)
		if (slice_starts_ci(s, slice_str(w->v[i])))
			return true;
	return false;
}

bool
attribution_words_end(const struct attribution_words *w, struct slice s)
{
	for (size_t i = 0; i < w->n; i++)
		if (slice_ends_ci(s, slice_str(w->v[i])))
			return true;
	return false;
}

bool
attribution_words_are(const struct attribution_words *w, struct slice s)
{
	for (size_t i = 0; i < w->n; i++)
		if (slice_eq_ci(s, slice_str(w->v[i])))
			return true;
	return false;
}

bool
attribution_words_are_in(const struct attribution_words *w, struct slice s)
{
	for (size_t i = 0; i < w->n; i++)
		if (slice_find_ci(s, slice_str(w->v[i])) < s.n)
			return true;
	return false;
}
