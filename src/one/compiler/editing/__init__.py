"""What an editor asks of a text: pure functions of text, place and vocabulary.

The language server and the web editor only translate their answers. Lines and columns count from
1, columns in code points.

    scene      a text read for questions: features with their names, commands by place
    completing what may be written here
    hovering   what stands here: its meaning and the step it became
    naming     where a name is bound and used; giving it another
    outlining  the parts of a text, and the colour of its words
    tidying    the text in its canonical layout
"""
