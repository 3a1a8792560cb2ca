"""`disputes` 纠纷: property disputes through three tiers of mediation, and what stays open after it.

Owns mediation bodies 调解组织 of three tiers (居村工作室, 街镇联合中心, 区调委会), versioned dispute types
纠纷类型, the rules of mediation 调解规则 and disputes 纠纷. A dispute goes registered -> classified (一般,
专业, 重大) -> assigned to a body of the class's tier -> mediating, once every party has agreed to it ->
agreed, or refused by a party, or failed -> closed. An agreement closes when it is in effect, a refusal or a
failure with the remedies told. Until then it may be escalated one tier up or routed one down: a new
acceptance with its own limit, everybody asked anew. The applicant may withdraw; what came by handover may be
returned before it is classified; what was settled on the spot is one step. Overdue is a fact beside the
state.

Rooms, each built on those before it: `directory` (units of `tasks`, areas of `grid`), `types`, `bodies`,
`rules`, `disputes` (the record and its life cycle), `dossiers` (reading, masked; in full with a reason),
`registrations` (register, settle, classify, supplement, withdraw), `routes` (assign, escalate, route down),
`mediations` (consent, sessions, agreement, failure), `closings`, `referrals` (the handover `case-dispute`).

Publishes bodies, types and rules in full state, facts about disputes, none with a name or a term of an
agreement, and its side of the handover; hears the other side from `grid`, the areas of `grid` and the units
of `tasks`.
"""
