/** Spellings of what the ERP owns of a customer, as the CRM writes them. */

export interface Group {
  kind?: string
  owner?: string
  follower?: string
  field: string
  beside?: Record<string, string>
  same?: [string, string][]
  /** With the amount at risk where there is one. */
  differs?: [string, string, string?][]
  unmapped?: [string, string][]
  invalid?: [string, string][]
}

const euro = { currency: 'EUR' }

export const ERP_GROUPS: Group[] = [
  {
    field: 'legal_name',
    same: [
      ['Nordwind Logistik GmbH', 'NORDWIND LOGISTIK GMBH'],
      ['Nordwind Logistik GmbH', 'Nordwind  Logistik G.m.b.H.'],
      ['Nordwind Logistik GmbH', '  Nordwind\tLogistik Gmbh '],
      ['Weiß & Söhne AG', 'WEISS & SÖHNE AG'],
      ['Café Lumière S.A.', 'Cafe\u0301 Lumière SA'],
      ['ＡＣＭＥ Ltd', 'Acme Limited'],
      ['Acme, Inc.', 'Acme Incorporated'],
      ['Talwerk Aktiengesellschaft', 'Talwerk AG'],
      ['Huber GmbH & Co. KG', 'Huber GmbH & Co KG'],
      ['Rossi S.p.A.', 'Rossi SpA'],
      ['Lindgren Aktiebolag', 'Lindgren AB'],
      ['Moor Limited Liability Company', 'Moor LLC'],
      // A form on one side only is information.
      ['Nordwind Logistik GmbH', 'Nordwind Logistik'],
      ['Nordwind Logistik', 'Nordwind Logistik AG'],
    ],
    differs: [
      ['Nordwind Logistik GmbH', 'Nordwind Logistik AG'],
      ['Nordwind Logistik GmbH', 'Nordwynd Logistik GmbH'],
      ['Nordwind Logistik GmbH', ''],
      ['Café Lumière SA', 'Cafe Lumiere SA'],
    ],
  },
  {
    field: 'registration_number',
    same: [['HRB 1', ' HRB 1 ']],
    differs: [
      ['HRB-2', 'hrb-2'],
      ['007', '7'],
      ['HRB-3', ''],
    ],
  },
  {
    field: 'tax_id',
    same: [
      ['DE136695976', 'de-136.695.976'],
      ['CHE-116.281.710 MWST', 'CHE116281710'],
      ['ATU13585627', 'AT U13585627'],
      ['12 3456-789 X', '123456789x'],
    ],
    differs: [
      ['DE129273398', 'DE811569869'],
      ['NL004495445B01', ''],
    ],
  },
  { field: 'tax_id', beside: { 'bill_to.country': 'Deutschland' }, same: [['DE811907980', '811907980']] },
  {
    field: 'bill_to.country',
    same: [
      ['DE', 'Germany'],
      ['Deutschland', 'DEU'],
      ['US', 'United States of America'],
      ['U.S.A.', 'usa'],
      ['GB', 'UK'],
      ['NL', 'The Netherlands'],
      ['Österreich', 'at'],
    ],
    differs: [
      ['DE', 'AT'],
      ['CH', ''],
    ],
    invalid: [['CH', 'Atlantis']],
  },
  {
    field: 'bill_to.line1',
    same: [['Hauptstraße 1', ' HAUPTSTRASSE  1']],
    differs: [['Hauptstraße 1', 'Hauptstraße 11']],
  },
  { field: 'bill_to.city', same: [['ZÜRICH', 'Zürich']], differs: [['Zürich', 'Zurich']] },
  { field: 'bill_to.postal_code', same: [['8001', ' 8001']], differs: [['08001', '8001']] },
  {
    field: 'currency',
    same: [
      ['EUR', 'eur'],
      ['€', 'EUR'],
      ['US Dollar', 'usd'],
    ],
    differs: [
      ['EUR', 'USD'],
      ['EUR', ''],
    ],
  },
  {
    field: 'payment_terms',
    same: [
      ['net_30', 'Net 30'],
      ['NET30', 'n30'],
      ['net_30', '30 days'],
      ['Due on receipt', 'due_on_receipt'],
      ['PREPAID', 'prepaid'],
      ['eom_30', 'EOM 30'],
    ],
    differs: [
      ['net_30', 'net_45'],
      ['net_30', 'eom_30'],
      ['due_on_receipt', 'prepaid'],
      ['net_30', ''],
    ],
    unmapped: [['net_30', 'ZB17']],
  },
  {
    field: 'tax_exempt',
    same: [
      ['true', '1'],
      ['TRUE', 'yes'],
      ['0', 'No'],
      ['no', 'False'],
    ],
    differs: [
      ['true', 'false'],
      ['0', 'yes'],
      ['false', ''],
    ],
  },
  {
    field: 'credit_limit',
    beside: euro,
    same: [
      ['1234.50', '1,234.50'],
      ['1234.50', '1.234,50'],
      ['1234.50', "1'234.50"],
      ['1234.50', '1 234,50'],
      ['1234', '1234.00'],
      ['10.00', '€10'],
    ],
    differs: [
      ['1234.50', '1234.51', '0.01 EUR'],
      ['9007199254740993', '9007199254740992', '1 EUR'],
      ['5', '', '5 EUR'],
    ],
  },
  {
    field: 'credit_limit',
    beside: { currency: 'JPY' },
    same: [
      ['1500', '1500.00'],
      ['1500', '1,500'],
    ],
    differs: [['1500', '1501', '1 JPY']],
  },
  {
    field: 'credit_limit',
    beside: { currency: 'KWD' },
    same: [['1.500', '1.5']],
    differs: [['1.500', '1.501', '0.001 KWD']],
  },
]
