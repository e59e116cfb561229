/** Money in CSV files: invoices, payments and credits of one platform, some of which do not meet. */

export const INVOICES = `record_id,number,customer,state,total,amount_due,currency,issued_on,posted_at,legal_entity,changed_at
I1,INV-1001,N1,paid,60.00,0,EUR,2026-10-03,2026-10-03T08:00:00Z,DE01,2026-10-20T08:00:00Z
I2,INV-1002,N1,paid,40.00,0,EUR,2026-10-04,2026-10-04T08:00:00Z,DE01,2026-10-20T08:00:00Z
I3,INV-1003,N2,paid,25.00,0,EUR,2026-09-05,,DE01,2026-10-20T08:00:00Z
I4,INV-1004,N2,draft,80.00,80.00,USD,2026-10-09,,DE01,2026-10-20T08:00:00Z
I5,INV-1005,N1,open,10.00,10.00,EUR,2026-11-09,2026-11-09T08:00:00Z,DE01,2026-11-09T08:00:00Z
`
export const PAYMENTS = `record_id,customer,invoice,state,amount,currency,received_at,changed_at
P1,N1,,succeeded,90.00,EUR,2026-10-10T10:00:00Z,2026-10-10T10:00:00Z
P3,N2,I3,succeeded,25.00,EUR,2026-09-10T10:00:00Z,2026-09-10T10:00:00Z
P4,N2,,succeeded,10.00,EUR,2026-10-11T10:00:00Z,2026-10-11T10:00:00Z
`
export const CREDITS = `record_id,number,customer,invoice,state,amount,currency,posted_at,changed_at
C3,CN-3,N2,I3,void,1.00,EUR,2026-10-10T10:00:00Z,2026-10-10T10:00:00Z
`
