"""`templates` 通知模板: what is told to whom on which occasion and how, in words that the office edits."""
