"""DataCue, by the document of 2018-09 (the default) or the last public guide, of 2021-02."""
