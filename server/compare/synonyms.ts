/** Synonyms: what people and vendors call the canonical fields, in English and German, and what they call the kinds. */

/** Lower case without accents, punctuation and spaces; ä = ae, ß = ss. */
export function squeezed(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/[^a-z0-9]/g, '')
}

const words = (text: string) => text.split('|').map((w) => squeezed(w))

/** Canonical name → what columns call it; names that mean one thing only. */
export const FIELD_WORDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries({
    record_id:
      'id|record id|account id|customer id|company id|kunden id|kundennummer|kundennr|kunde nr|kd nr|debitor|debitorennummer|debitor nr|kunnr|customer number|customer no|account number|account no|client id|cust id|external customer id|object id|hs object id|record id - company|geschaeftspartner|gp nummer|business partner|nummer|nr|key|uuid|invoice id|rechnung id|order id|product id|artikel id|contact id|subscription id|payment id|belegnummer intern|internal id|interne id',
    name: 'name|company|company name|account name|customer name|kunde|kundenname|firma|firmenname|name 1|name1|organisation|organization|organization name|display name|bezeichnung|unternehmen|unternehmensname|suchbegriff|full name|contact name|produktname|product name|artikelbezeichnung|kurzname',
    legal_name:
      'legal name|registered name|firmierung|rechtlicher name|legal entity name|billing name|rechnungsname|invoice name',
    domain: 'domain|website|web site|url|homepage|web|webseite|internet|company domain|company domain name|website url',
    email:
      'email|e-mail|mail|email address|e-mail adresse|emailadresse|billing email|rechnungs e-mail|smtp addr|smtpadresse|invoice email|customer email',
    phone: 'phone|telephone|telefon|tel|phone number|telefonnummer|telefon 1|telf1|main phone|rufnummer|fon',
    tax_id:
      'tax id|vat|vat id|vat number|vat no|ust id|ust idnr|ust id nr|ustid|umsatzsteuer id|umsatzsteuer identifikationsnummer|stceg|tax number|steuernummer|uid|uid nummer|mwst nr|tax registration number|customer tax id',
    registration_number:
      'registration number|company registration number|register number|handelsregister|handelsregisternummer|hrb|hr nummer|crn|commercial register',
    parent: 'parent|parent id|parent account|parent account id|parent company|konzern|muttergesellschaft|hauptkunde',
    legal_entity: 'legal entity|buchungskreis|bukrs|subsidiary|mandant|company code|gesellschaft',
    role: 'role|partnerrolle|parvw',
    type: 'type|account type|customer type|kundentyp|kundenart|typ|art',
    owner:
      'owner|account owner|company owner|betreuer|kundenbetreuer|vertriebsmitarbeiter|sales rep|verkaeufer|zustaendig|responsible',
    segment: 'segment|industry|branche|market segment|kundengruppe|kdgrp',
    'bill_to.line1':
      'street|strasse|address|adresse|address line 1|street address|billing street|billing address|anschrift|stras|address1|strasse und hausnummer|strasse hausnummer|line1|billing address line1|rechnungsadresse',
    'bill_to.line2': 'address line 2|address2|adresszusatz|line2|billing address line2',
    'bill_to.city': 'city|stadt|ort|billing city|ort01|wohnort|town|billing address city',
    'bill_to.region': 'region|state|state region|billing state|bundesland|province|kanton|regio|billing address state',
    'bill_to.postal_code':
      'postal code|zip|zip code|plz|postleitzahl|postcode|billing zip|billing postal code|pstlz|billing address postal code',
    'bill_to.country':
      'country|land|country region|billing country|land1|country code|laendercode|laenderschluessel|land iso|billing address country',
    'ship_to.line1': 'shipping street|lieferstrasse|shipping address|lieferadresse|ship street',
    'ship_to.city': 'shipping city|lieferort|ship city',
    'ship_to.postal_code': 'shipping zip|shipping postal code|liefer plz|ship zip',
    'ship_to.country': 'shipping country|lieferland|ship country',
    currency: 'currency|waehrung|waers|currency code|waehrungsschluessel|default currency|iso waehrung',
    payment_terms: 'payment terms|terms|zahlungsbedingung|zahlungsbedingungen|zterm|zahlungsziel|net terms',
    credit_limit: 'credit limit|kreditlimit|klimk|kreditrahmen|kreditlinie',
    credit_hold: 'credit hold|kreditsperre|gesperrt|sperre|on hold|auftragssperre|aufsd|delinquent',
    tax_exempt: 'tax exempt|steuerbefreit|steuerfrei',
    language: 'language|sprache|spras|preferred language|locale|korrespondenzsprache',
    health_score: 'health score|health',
    status: 'status|customer status|account status|lifecycle stage|kundenstatus|zustand|stage|state name',
    created_at:
      'created|created at|create date|created date|created on|createdate|angelegt|angelegt am|anlagedatum|erstellt|erstellt am|erstelldatum|erdat|created utc|customer since|kunde seit',
    changed_at:
      'updated|updated at|modified|last modified|last modified date|last modified at|changed|changed at|geaendert|geaendert am|aenderungsdatum|letzte aenderung|aedat|modified on|last updated|updated utc',
    deleted: 'deleted|is deleted|geloescht|loeschkennzeichen|loevm|archived|archiviert',
    customer:
      'customer|customer id|kunde|kundennummer|kundennr|account|account id|debitor|kunnr|company id|associated company',
    number:
      'number|invoice number|invoice no|rechnungsnummer|rechnungs nr|rechnungsnr|rechnung nr|belegnummer|beleg nr|belnr|order number|auftragsnummer|auftrags nr|auftragsnr|contract number|vertragsnummer|document number|vbeln|case number|ticket number',
    total:
      'total|amount|betrag|bruttobetrag|brutto|gross amount|gesamtbetrag|rechnungsbetrag|summe|invoice total|total amount|grand total|endbetrag',
    amount:
      'amount|betrag|total|net amount|nettobetrag|netto|value|wert|auftragswert|summe|deal amount|order total|preis gesamt',
    tax: 'tax|vat amount|tax amount|mwst|umsatzsteuer|mehrwertsteuer|ust betrag|steuerbetrag',
    amount_due: 'amount due|open amount|offener betrag|offen|restbetrag|balance|balance due|amount remaining',
    issued_on:
      'invoice date|issued|issue date|issued on|rechnungsdatum|belegdatum|bldat|date|datum|ausgestellt|ausgestellt am|finalized at utc',
    due_on: 'due|due date|due on|faellig|faellig am|faelligkeit|faelligkeitsdatum|due date utc',
    paid_at: 'paid|paid at|paid on|bezahlt am|zahlungsdatum|zahldatum|paid date|paid at utc',
    ordered_at: 'order date|ordered at|auftragsdatum|bestelldatum|erfasst am',
    invoice: 'invoice|invoice id|rechnung|rechnungsnummer',
    order: 'order|order id|auftrag|auftragsnummer',
    subscription: 'subscription|subscription id|abo|abonnement',
    product: 'product|product id|artikel|artikelnummer',
    sku: 'sku|artikelnummer|artikel nr|item number|materialnummer|matnr|part number',
    code: 'code|product code|produktcode',
    price: 'price|preis|unit price|einzelpreis|listenpreis|list price|verkaufspreis',
    category: 'category|kategorie|warengruppe|product category',
    quantity: 'quantity|menge|anzahl|qty|seats|licences|lizenzen',
    mrr: 'mrr|monthly recurring revenue',
    interval: 'interval|billing interval|abrechnungsintervall|turnus',
    started_on: 'start date|started|started on|beginn|startdatum|laufzeitbeginn|start',
    ends_on: 'end date|ends|ends on|ende|enddatum|laufzeitende|vertragsende',
    starts_on: 'start date|starts on|beginn|vertragsbeginn',
    renews_on: 'renewal date|renews on|verlaengerung|naechste verlaengerung|current period end utc',
    received_at: 'received|received at|payment date|zahlungseingang|buchungsdatum|eingang|date|datum',
    method: 'method|payment method|zahlungsart|zahlweise',
    close_date: 'close date|abschlussdatum|closed date',
  }).map(([field, text]) => [field, words(text)]),
)

/** Kind → words of file names, and of columns that only records of the kind have. */
export const KIND_WORDS: Readonly<Record<string, { file: readonly string[]; column: readonly string[] }>> = {
  customer: {
    file: words(
      'customer|account|kunde|kunden|compan|client|debitor|organisation|organization|firmen|geschaeftspartner|kna1',
    ),
    column: [],
  },
  contact: {
    file: words('contact|kontakt|ansprechpartner|people|person'),
    column: words('first name|vorname|nachname|last name|job title'),
  },
  invoice: {
    file: words('invoice|rechnung|faktur|billing document|debitorenposten'),
    column: words(
      'invoice number|rechnungsnummer|rechnungsnr|rechnungs nr|invoice date|rechnungsdatum|due date|faellig am|faelligkeit|invoice total',
    ),
  },
  order: {
    file: words('order|auftrag|auftraeg|bestellung'),
    column: words('order number|auftragsnummer|order date|auftragsdatum'),
  },
  subscription: { file: words('subscription|abo'), column: words('subscription id|mrr|billing interval') },
  product: {
    file: words('product|produkt|artikel|item|material'),
    column: words('sku|artikelnummer|list price|listenpreis'),
  },
  payment: { file: words('payment|zahlung'), column: words('payment method|zahlungsart|payment id') },
  opportunity: { file: words('opportunit|deal|chance'), column: words('close date|deal stage|deal amount') },
  contract: {
    file: words('contract|vertrag|vertraeg'),
    column: words('contract number|vertragsnummer|vertragsbeginn'),
  },
}
