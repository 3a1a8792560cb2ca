"""Shifts 到岗与交接班: who has signed in, and who has their work once they are off.

Cases that somebody handles or has to check go to the person whom they name, else to their substitute, else to
whoever is on duty nearest; where nobody is, they stay and stand on the dispatcher's queue as unattended.
"""
