"""Registrations 登记: how a dispute comes in, is put into a class, and is withdrawn by the applicant."""
