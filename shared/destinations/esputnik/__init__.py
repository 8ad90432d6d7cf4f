"""eSputnik (Reteno), by its own edition of the document that Yespo has."""
