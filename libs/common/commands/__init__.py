"""Commands of operators 运维命令: what `jiayuan` can do with any service, whichever there are.

The command line hands the services over as the context's object; nothing here knows which they are. One file
per noun, each with an `app` of its own that the command line puts together.
"""
