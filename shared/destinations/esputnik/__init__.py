"""eSputnik (Reteno), from its own edition of Yespo's document."""
