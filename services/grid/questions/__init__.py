"""Questions 分类问卷: what is asked about a report of each category, as versioned forms with dates.

A form is kept by the office through the catalogue and is part of its pack; the answers stay with the case
under the version that they were given by. The forms that come with the project are demonstration data (演示).
"""
